package kql_test

import (
	"context"
	"testing"
	"time"

	"harrier/activities/loganalytics/kql"
)

type querying struct{ query, want string }

func checkQueries(t *testing.T, prefix string, list []querying) {
	t.Helper()
	for _, q := range list {
		t.Run(q.query, func(t *testing.T) {
			if got := table(t, nil, prefix+q.query); got != q.want {
				t.Errorf("got %q, want %q", got, q.want)
			}
		})
	}
}

const people = `let P = datatable(name:string, age:long, tags:dynamic)[
	"ann", 30, dynamic(["a","b"]),
	"bob", 25, dynamic([]),
	"cyd", 30, dynamic(null),
	"Ann", 41, dynamic({"k":1,"l":2})];
`

func TestRowAndColumnOperators(t *testing.T) {
	checkQueries(t, people, []querying{
		{`P | where age == 30 | project name`, "ann; cyd"},
		{`P | filter name == "ann" | project name, next = age + 1`, "ann,31"},
		{`P | extend age = age * 2, old = age | project name, age, old | take 1`, "ann,60,30"},
		{`P | project-away tags, a* | limit 1`, "ann"},
		{`P | project-keep age | take 2`, "30; 25"},
		{`P | project-rename who = name | project who | take 1`, "ann"},
		{`P | project-reorder age, n* | project-away tags | take 1`, "30,ann"},
		{`P | distinct age`, "30; 25; 41"},
		{`P | count`, "4"}, {`P | where false | count`, "0"},
		{`P | project name, age | sort by age asc, name desc`, "bob,25; cyd,30; ann,30; Ann,41"},
		{`P | project name, age | order by age`, "Ann,41; ann,30; cyd,30; bob,25"},
		{`P | project name, age | top 2 by age`, "Ann,41; ann,30"},
		{`P | top 1 by age asc | project name`, "bob"},
		{`P | project name | as Q | union Q | count`, "8"},
		{`P | serialize n = row_number() | where n == 2 | project name`, "bob"},
		{`P | take 1 | getschema | project ColumnName, ColumnType`, "name,string; age,long; tags,dynamic"},
		{`P | where name == "ann" | extend column_ifexists("zip", "none") | project Column1`, "none"},
		{`range x from 1 to 5 step 2`, "1; 3; 5"}, {`range d from datetime(2025-01-01) to datetime(2025-01-02) step 1d | count`, "2"},
		{`P | where name in ((P | where age > 40 | project name)) | project age`, "41"},
		{`let f = (T:(name:string), n:string) { T | where name == n }; f(P, "bob") | project age`, "25"},
		{`let add = (a:long, b:long = 5) { a + b }; P | take 1 | project add(age), add(age, 1)`, "35,31"},
		{`let f = (T:(*)) { T | count }; P | invoke f()`, "4"},
		{`let m = materialize(P | where age == 30); m | union m | count`, "4"},
		{`let top_age = toscalar(P | summarize max(age)); P | where age == top_age | project name`, "Ann"},
		{`set notruncation; P | count`, "4"},
		{"P // a comment\n| count // and another", "4"},
		{`P | render table | count`, "4"},
	})
}

func TestSummarizeAndItsAggregates(t *testing.T) {
	checkQueries(t, people, []querying{
		{`P | summarize count() by age`, "30,2; 25,1; 41,1"},
		{`P | summarize n = count(), countif(age > 26), sum(age), avg(age), min(age), max(name)`, "4,3,126,31.5,25,cyd"},
		{`P | summarize dcount(tolower(name)), dcount(age), dcountif(age, age > 26)`, "3,3,2"},
		{`P | summarize make_set(age), make_list(age), make_set_if(age, age > 26), make_list_if(age, age < 26)`, "[30,25,41],[30,25,30,41],[30,41],[25]"},
		{`P | summarize arg_max(age, name), arg_min(age, name)`, "41,Ann,25,bob"},
		{`P | summarize arg_max(name, *) by age | project age, name`, "30,cyd; 25,bob; 41,Ann"},
		{`P | summarize take_any(name) by age`, "30,ann; 25,bob; 41,Ann"},
		{`P | summarize sumif(age, name == "bob"), avgif(age, age == 30), maxif(age, age < 41), minif(age, age > 25)`, "25,30.0,30,30"},
		{`P | summarize percentile(age, 50), percentiles(age, 25, 100)`, "30,25,41"},
		{`P | summarize round(stdev(age), 3), round(variance(age), 3)`, "6.758,45.667"},
		{`P | summarize share = 100.0 * countif(age == 30) / count()`, "50.0"},
		{`P | summarize by age | count`, "3"},
		{`P | where false | summarize count(), sum(age), max(age)`, "0,0,<null>"},
		{`P | where false | summarize count() by age`, ""},
		{`P | summarize count() by bin(age, 10)`, "30,2; 20,1; 40,1"},
		{`P | summarize make_bag(tags)`, `{"k":1,"l":2}`},
	})
}

func TestResultColumnsAreNamedAsTheServiceDoes(t *testing.T) {
	for query, want := range map[string]string{
		`T | summarize count(), sum(b), dcount(a), make_set(a), max(e), countif(g) by bin(e, 1h)`: "e,count_,sum_b,dcount_a,set_a,max_e,countif_g",
		`T | project tostring(d.x), tolower(a), d["z"], b + 1, strcat(a, a)`:                      "d_x,Column1,d_z,Column2,Column3",
		`T | summarize arg_max(e, *) by a`:                                                        "a,e,b,d,g",
		`T | summarize X = arg_max(e, a, b) by g`:                                                 "g,X,a,b",
		`T | summarize (X, Y) = arg_max(e, a)`:                                                    "X,Y",
		`T | summarize percentile(b, 95)`:                                                         "percentile_b_95",
		`T | join R on a`:                                                                         "a,b,d,e,g,a1,x,b2,b1",
		`T | lookup R on a`:                                                                       "a,b,d,e,g,x,b2,b1",
		`T | union (R | project a = x)`:                                                           "a_string,a_long,b,d,e,g",
		`T | union withsource = S R`:                                                              "S,a,b,d,e,g,x,b1",
		`T | mv-expand with_itemindex = n q = d`:                                                  "a,b,d,e,g,q,n",
		`T | mv-apply q = d on (summarize make_set(q))`:                                           "a,b,d,e,g,set_q",
		`print 1, x = 2`:                                                                          "print_0,x",
	} {
		schema := "let T = datatable(a:string, b:long, d:dynamic, e:datetime, g:bool)[]; let R = datatable(a:string, x:long, b:long, b1:long)[];\n"
		res := run(t, nil, schema+query)
		got := ""
		for i, c := range res.Columns {
			if i > 0 {
				got += ","
			}
			got += c.Name
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
}

const sides = `let L = datatable(k:string, l:long)["a", 1, "a", 9, "b", 2, "c", 3];
let R = datatable(k:string, r:long)["a", 10, "a", 20, "b", 30, "d", 40];
`

func TestJoinKinds(t *testing.T) {
	checkQueries(t, sides, []querying{
		// The default is innerunique: of the left rows with one key only the first counts.
		{`L | join R on k | sort by k asc, l asc, r asc`, "a,1,a,10; a,1,a,20; b,2,b,30"},
		{`L | join kind=inner R on k | sort by k asc, l asc, r asc`, "a,1,a,10; a,1,a,20; a,9,a,10; a,9,a,20; b,2,b,30"},
		{`L | join kind=leftouter R on k | where k == "c"`, "c,3,,<null>"},
		{`L | join kind=rightouter R on k | where k1 == "d"`, ",<null>,d,40"},
		{`L | join kind=fullouter R on k | count`, "7"},
		{`L | join kind=leftanti R on k`, "c,3"}, {`L | join kind=rightanti R on k`, "d,40"},
		{`L | join kind=leftsemi R on k`, "a,1; a,9; b,2"}, {`L | join kind=rightsemi R on k`, "a,10; a,20; b,30"},
		{`L | join kind=inner (R | project-rename q = k) on $left.k == $right.q | where k == "b"`, "b,2,b,30"},
		{`L | join hint.strategy=broadcast kind=inner R on $right.k == $left.k | count`, "5"},
		{`L | lookup R on k | sort by k asc, l asc, r asc`, "a,1,10; a,1,20; a,9,10; a,9,20; b,2,30; c,3,<null>"},
		{`L | extend j = long(null) | join kind=inner (R | extend j = long(null)) on j | count`, "0"},
		{`L | extend j = "" | join kind=inner (R | extend j = "") on j | count`, "16"},
	})
}

func TestUnionExpandAndParse(t *testing.T) {
	checkQueries(t, people+sides, []querying{
		{`L | union R | where k == "d"`, "d,<null>,40"}, {`union L, R | count`, "8"}, {`union isfuzzy=true L, Missing | count`, "4"},
		{`union kind=inner L, R | where k == "d"`, "d"}, {`union withsource=T L, R | summarize count() by T`, "L,4; R,4"},
		{`P | mv-expand tags | project name, tags`, `ann,"a"; ann,"b"; cyd,<null>; Ann,{"k":1}; Ann,{"l":2}`},
		{`P | where name == "ann" | mv-expand tag = tags to typeof(string) | project tag`, "a; b"},
		{`P | where name == "ann" | mv-expand with_itemindex=i tags limit 1 | project i`, "0"},
		{`P | where name == "ann" | mv-apply t = tags to typeof(string) on (where t == "b") | project name, t`, "ann,b"},
		{`P | mv-apply t = tags on (summarize n = count()) | project name, n`, "ann,2; bob,0; cyd,1; Ann,2"},
		{`print s = "user=ann id=7 end" | parse s with "user=" u " id=" id:long " " * | project u, id`, "ann,7"},
		{`print s = "nothing" | parse s with "user=" u " id=" id:long | project u, id`, ",<null>"},
		{`datatable(s:string)["a=1", "b"] | parse-where s with "a=" n:long | project n`, "1"},
	})
}

func TestAShadowingLetRefersToTheOuterTable(t *testing.T) {
	db := kql.Database{"T": {Columns: []kql.Column{{Name: "n", Type: kql.TypeLong}}, Rows: [][]kql.Value{{int64(1)}, {int64(2)}, {int64(3)}}}}
	if got := table(t, db, `let T = T | where n > 1; T | where n < 3`); got != "2" {
		t.Errorf("got %q", got)
	}
}

func timed() kql.Database {
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	return kql.Database{"T": {
		Name: "T", Columns: []kql.Column{{Name: "TimeGenerated", Type: kql.TypeDatetime}, {Name: "n", Type: kql.TypeLong}},
		Rows:     [][]kql.Value{{at(-3), int64(1)}, {at(-2), int64(2)}, {at(-1), int64(3)}},
		Ingested: []time.Time{at(0), at(-2), at(-1)},
	}}
}

func TestIngestionTimeFollowsTheRow(t *testing.T) {
	db := timed()
	late := `T | extend m = n | where ingestion_time() >= ago(30m) | project n`
	if got := table(t, db, late); got != "1" {
		t.Errorf("got %q, want the row that came late", got)
	}
	if got := table(t, db, `T | sort by n desc | where ingestion_time() < ago(90m) | project n`); got != "2" {
		t.Errorf("after a sort: got %q", got)
	}
	if got := table(t, db, `T | summarize max(ingestion_time())`); got != "2025-06-02T12:00:00.0000000Z" {
		t.Errorf("in an aggregate: got %q", got)
	}
	db["T"].Ingested = nil
	if got := table(t, db, `T | where ingestion_time() >= ago(90m) | project n`); got != "3" {
		t.Errorf("without ingestion times TimeGenerated stands in: got %q", got)
	}
}

func TestTheTimespanIsHalfOpen(t *testing.T) {
	o := kql.Options{Now: noon, From: noon.Add(-3 * time.Hour), To: noon.Add(-time.Hour)}
	res, err := kql.Run(context.Background(), timed(), "T | where ingestion_time() > datetime(2000-01-01)", o)
	if err != nil || len(res.Rows) != 2 || res.Stats.Scanned != 2 {
		t.Fatalf("got %+v, %v", res, err)
	}
}

func TestNothingChangesTheTables(t *testing.T) {
	db := timed()
	run(t, db, `T | extend n = 0 | sort by TimeGenerated desc | project n`)
	run(t, db, `T | sort by n desc | take 1 | union T | join T on n`)
	for i, row := range db["T"].Rows {
		if row[1] != int64(i+1) {
			t.Fatalf("row %d is now %v", i, row)
		}
	}
}
