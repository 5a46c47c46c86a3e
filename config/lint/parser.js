// Reads {"tables": {name: "(column: type, …)"}, "queries": ["…"]} on standard
// input and writes one answer a query on standard output: its diagnostics, with
// offsets in UTF-16 units as the parser counts them, and its result columns.
'use strict';
const fs = require('fs');
const path = require('path');
const vm = require('vm');

const folder = process.env.HARRIER_KUSTO_PACKAGE;
// The package's main expects a browser's globals; these two files make them.
for (const file of ['bridge.min.js', 'Kusto.Language.Bridge.min.js']) {
  vm.runInThisContext(fs.readFileSync(path.join(folder, file), 'utf8'), { filename: file });
}

const { GlobalState, KustoCode, Symbols } = Kusto.Language;
const asArray = (list) => Array.from({ length: list.Count }, (_, i) => list.getItem(i));

function globals(tables) {
  const symbols = Object.entries(tables).map(([name, schema]) => Symbols.TableSymbol.From(schema).WithName(name));
  return GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor3('workspace', null, symbols, false));
}

function answer(query, state) {
  const code = KustoCode.ParseAndAnalyze(query, state);
  const result = code.ResultType;
  const known = result && result.Columns && !result.IsOpen;
  return {
    diagnostics: asArray(code.GetDiagnostics()).map((d) => ({
      code: d.Code, severity: d.Severity, message: d.Message, start: d.Start, length: d.Length,
    })),
    columns: known ? asArray(result.Columns).map((c) => c.Name) : null,
  };
}

const input = JSON.parse(fs.readFileSync(0, 'utf8'));
const state = globals(input.tables);
process.stdout.write(JSON.stringify(input.queries.map((query) => answer(query, state))));
