package kql

import (
	"slices"
)

func items(v Value) []any {
	list, _ := plain(v).([]any)
	return list
}

func keyOf(v any) string { return string(appendKey(nil, v)) }

func arrayFunctions() map[string]builtin {
	return map[string]builtin{
		"array_length": {sig: "y", ret: TypeLong, fn: func(a []Value) Value {
			if list, ok := a[0].([]any); ok {
				return int64(len(list))
			}
			return nil
		}},
		"array_concat": {sig: "y*", ret: TypeDynamic, fn: func(a []Value) Value {
			out := []any{}
			for _, v := range a {
				out = append(out, items(v)...)
			}
			return Dynamic{out}
		}},
		"array_index_of":  {sig: "ya?ii", ret: TypeLong, fn: arrayIndexOf},
		"array_slice":     {sig: "yii", ret: TypeDynamic, fn: arraySlice},
		"array_reverse":   {sig: "y", ret: TypeDynamic, fn: func(a []Value) Value { out := slices.Clone(items(a[0])); slices.Reverse(out); return Dynamic{out} }},
		"array_sort_asc":  {sig: "y", ret: TypeDynamic, fn: func(a []Value) Value { return sortedArray(a[0], 1) }},
		"array_sort_desc": {sig: "y", ret: TypeDynamic, fn: func(a []Value) Value { return sortedArray(a[0], -1) }},
		"array_sum":       {sig: "y", ret: TypeReal, fn: arraySum},
		"set_union":       {sig: "yy*", ret: TypeDynamic, fn: setUnion},
		"set_intersect":   {sig: "yy*", ret: TypeDynamic, fn: func(a []Value) Value { return setFilter(a, true) }},
		"set_difference":  {sig: "yy*", ret: TypeDynamic, fn: func(a []Value) Value { return setFilter(a, false) }},
		"set_has_element": {sig: "ya", ret: TypeBool, fn: func(a []Value) Value { return arrayIndexOf(a) != int64(-1) }},
		"pack_array":      {sig: "?a*", ret: TypeDynamic, fn: packArray},
		"has_any_index":   {sig: "sy", ret: TypeLong, fn: hasAnyIndex},
		"range":           {sig: "ii?i", ret: TypeDynamic, fn: rangeArray},
	}
}

func arrayIndexOf(a []Value) Value {
	want := inner(a[1])
	for i, it := range items(a[0]) {
		if equal(it, want) == true {
			return int64(i)
		}
	}
	return int64(-1)
}

// arraySlice takes both ends inclusively; negative places count from the end.
func arraySlice(a []Value) Value {
	list := items(a[0])
	n := int64(len(list))
	place := func(v Value) int64 {
		i := v.(int64)
		if i < 0 {
			i += n
		}
		return i
	}
	start, end := max(place(a[1]), 0), min(place(a[2]), n-1)
	if start > end {
		return Dynamic{[]any{}}
	}
	return Dynamic{slices.Clone(list[start : end+1])}
}

// sortedArray sorts in one direction and leaves nulls last.
func sortedArray(v Value, sign int) Value {
	out := slices.Clone(items(v))
	slices.SortStableFunc(out, func(x, y any) int {
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return 1
		case y == nil:
			return -1
		}
		c, _ := compare(x, y)
		return c * sign
	})
	return Dynamic{out}
}

func arraySum(a []Value) Value {
	total := 0.0
	for _, it := range items(a[0]) {
		f, ok := asFloat(it)
		if !ok {
			return nil
		}
		total += f
	}
	return total
}

func setUnion(a []Value) Value {
	seen := map[string]bool{}
	out := []any{}
	for _, set := range a {
		for _, it := range items(set) {
			if k := keyOf(it); !seen[k] {
				seen[k] = true
				out = append(out, it)
			}
		}
	}
	return Dynamic{out}
}

// setFilter keeps the distinct items of the first set that are in all others, or in none of them.
func setFilter(a []Value, inAll bool) Value {
	out := []any{}
	for _, it := range items(setUnion(a[:1])) {
		keep := true
		for _, other := range a[1:] {
			found := slices.ContainsFunc(items(other), func(o any) bool { return keyOf(o) == keyOf(it) })
			keep = keep && found == inAll
		}
		if keep {
			out = append(out, it)
		}
	}
	return Dynamic{out}
}

func packArray(a []Value) Value {
	out := make([]any, len(a))
	for i, v := range a {
		out[i] = inner(v)
	}
	return Dynamic{out}
}

func hasAnyIndex(a []Value) Value {
	for i, it := range items(a[1]) {
		if hasTerm(a[0].(string), newNeedle(toText(it)), ends{true, true}) {
			return int64(i)
		}
	}
	return int64(-1)
}

const maxRangeItems = 1_048_576 // https://learn.microsoft.com/kusto/query/range-function

func rangeArray(a []Value) Value {
	from, to, step := a[0].(int64), a[1].(int64), int64(1)
	if len(a) == 3 {
		step = a[2].(int64)
	}
	out := []any{}
	for v := from; step != 0 && len(out) < maxRangeItems && (step > 0 && v <= to || step < 0 && v >= to); v += step {
		out = append(out, v)
	}
	return Dynamic{out}
}

func bagFunctions() map[string]builtin {
	pack := builtin{sig: "sa*", ret: TypeDynamic, fn: bagPack}
	return map[string]builtin{
		"bag_pack": pack, "pack": pack, "pack_dictionary": pack,
		"bag_keys": {sig: "y", ret: TypeDynamic, fn: func(a []Value) Value {
			m, ok := a[0].(map[string]any)
			if !ok {
				return nil
			}
			out := []any{}
			for _, k := range sortedKeys(m) {
				out = append(out, k)
			}
			return Dynamic{out}
		}},
		"bag_has_key": {sig: "ys", ret: TypeBool, fn: func(a []Value) Value {
			m, _ := a[0].(map[string]any)
			_, ok := m[a[1].(string)]
			return ok
		}},
		"bag_merge": {sig: "y*", ret: TypeDynamic, fn: bagMerge},
		"bag_remove_keys": {sig: "yy", ret: TypeDynamic, fn: func(a []Value) Value {
			out := map[string]any{}
			mergeInto(out, a[0])
			for _, k := range items(a[1]) {
				delete(out, toText(k))
			}
			return Dynamic{out}
		}},
	}
}

func bagPack(a []Value) Value {
	m := make(map[string]any, len(a)/2)
	for i := 0; i+1 < len(a); i += 2 {
		m[toText(a[i])] = inner(a[i+1])
	}
	return Dynamic{m}
}

// bagMerge keeps the first value of a key.
func bagMerge(a []Value) Value {
	out := map[string]any{}
	for _, bag := range a {
		mergeInto(out, bag)
	}
	return Dynamic{out}
}

func mergeInto(out map[string]any, bag Value) {
	m, _ := plain(bag).(map[string]any)
	for k, v := range m {
		if _, taken := out[k]; !taken {
			out[k] = v
		}
	}
}
