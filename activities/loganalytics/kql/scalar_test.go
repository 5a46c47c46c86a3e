package kql_test

import (
	"testing"

	"harrier/activities/loganalytics/kql"
)

// expression is a scalar expression with the value that Kusto's documentation or a computation by hand gives it.
type expression struct{ text, want string }

func checkExpressions(t *testing.T, list []expression) {
	t.Helper()
	for _, e := range list {
		t.Run(e.text, func(t *testing.T) {
			if got := table(t, nil, "print "+e.text); got != e.want {
				t.Errorf("got %q, want %q", got, e.want)
			}
		})
	}
}

func TestLiteralsHaveTheirValues(t *testing.T) {
	checkExpressions(t, []expression{
		{`"a\"b\\c\n"`, "a\"b\\c\n"},
		{`'it''s'`, "its"}, // adjacent literals are one
		{`@'C:\temp\''x'`, `C:\temp\'x`},
		{`h"secret"`, "secret"},
		{"```two\nlines```", "two\nlines"},
		{`"\u00e9"`, "é"},
		{`0x1F`, "31"}, {`1e3`, "1000.0"}, {`-5`, "-5"},
		{`1d`, "1.00:00:00"}, {`1.5h`, "01:30:00"}, {`30m`, "00:30:00"}, {`100ms`, "00:00:00.1000000"}, {`1tick`, "00:00:00.0000001"},
		{`timespan(1.02:03:04.5)`, "1.02:03:04.5000000"}, {`time(2)`, "2.00:00:00"},
		{`datetime(2025-06-02)`, "2025-06-02T00:00:00.0000000Z"},
		{`datetime(2025-06-02 10:30:00.1234567)`, "2025-06-02T10:30:00.1234567Z"},
		{`datetime("2025-06-02T10:30:00+02:00")`, "2025-06-02T08:30:00.0000000Z"},
		{`dynamic({"a":[1,2.5,"x",null,true]})`, `{"a":[1,2.5,"x",null,true]}`},
		{`dynamic(['a', 'b'])`, `["a","b"]`},
		{`int(null)`, "<null>"}, {`bool(true)`, "true"}, {`long(7)`, "7"}, {`real(2)`, "2.0"},
		{`guid(74BE27DE-1E4E-49D9-B579-FE0B331D3642)`, "74be27de-1e4e-49d9-b579-fe0b331d3642"},
	})
}

func TestArithmeticFollowsKustosTypes(t *testing.T) {
	checkExpressions(t, []expression{
		{`7/2`, "3"}, {`7/2.0`, "3.5"}, {`1/0`, "<null>"}, {`-7%3`, "2"}, {`1+2*3`, "7"}, {`(1+2)*3`, "9"}, {`10-4-3`, "3"},
		{`int(null)+1`, "<null>"},
		{`datetime(2025-06-02)-datetime(2025-06-01)`, "1.00:00:00"}, {`datetime(2025-06-02)-1h`, "2025-06-01T23:00:00.0000000Z"},
		{`1h*1.5`, "01:30:00"}, {`1d/1h`, "24.0"}, {`1h/2`, "00:30:00"}, {`90m%1h`, "00:30:00"},
		{`dynamic(2)+1`, "3"}, {`todouble(dynamic({"a":2.5}).a)*2`, "5.0"},
	})
}

func TestNullsFollowKustosRules(t *testing.T) {
	checkExpressions(t, []expression{
		{`int(null)==int(null)`, "<null>"}, {`int(null)!=int(null)`, "<null>"}, {`5==int(null)`, "false"}, {`5!=int(null)`, "true"},
		{`5>int(null)`, "<null>"}, {`bool(null) and false`, "false"}, {`bool(null) or true`, "true"}, {`bool(null) or false`, "<null>"},
		{`not(bool(null))`, "<null>"}, {`isnull(tostring(int(null)))`, "false"}, {`isempty(tostring(int(null)))`, "true"},
		{`iff(bool(null), 1, 2)`, "2"}, {`coalesce(int(null), 3)`, "3"}, {`coalesce("", "b")`, "b"},
		{`isnull(dynamic({"a":null}).a)`, "true"}, {`isempty(dynamic({}).a)`, "true"}, {`tostring(dynamic(null))`, ""},
	})
	rows := `datatable(n:long)[1, long(null), 3] `
	for query, want := range map[string]string{
		rows + `| where n != 1`:     "<null>; 3",
		rows + `| where n > 1`:      "3",
		rows + `| where not(n > 1)`: "1",
		rows + `| where n !in (1)`:  "<null>; 3",
		rows + `| summarize count(), sum(n), avg(n), dcount(n), min(n)`: "3,4,2.0,2,1",
		rows + `| sort by n`:                  "3; 1; <null>",
		rows + `| sort by n asc`:              "<null>; 1; 3",
		rows + `| sort by n desc nulls first`: "<null>; 3; 1",
	} {
		if got := table(t, nil, query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

func TestStringOperatorsKnowCaseAndTerms(t *testing.T) {
	checkExpressions(t, []expression{
		{`"Abc" == "abc"`, "false"}, {`"Abc" =~ "abc"`, "true"}, {`"Abc" !~ "abc"`, "false"},
		{`"Weekly Backup Report" has "backup"`, "true"}, {`"Weekly Backups" has "backup"`, "false"}, {`"x@veeam.com" has "veeam.com"`, "true"},
		{`"a_b" has "b"`, "true"}, {`"Backup" has_cs "backup"`, "false"}, {`"Backups" hasprefix "back"`, "true"},
		{`"MyBackup" hassuffix "backup"`, "true"}, {`"a b" !has "b"`, "false"},
		{`"Alerting" contains "ALERT"`, "true"}, {`"Alerting" contains_cs "ALERT"`, "false"}, {`"abc" !contains "d"`, "true"},
		{`"ÄPFEL" contains "äpfel"`, "true"}, {`"Straße 5" has "straße"`, "true"},
		{`"Abc" startswith "aB"`, "true"}, {`"Abc" startswith_cs "aB"`, "false"}, {`"Abc" endswith "BC"`, "true"}, {`"ab" startswith "abc"`, "false"},
		{`"a1" matches regex "^[a-z][0-9]$"`, "true"},
		{`"b" in ("a", "b")`, "true"}, {`"B" in ("a", "b")`, "false"}, {`"B" in~ ("a", "b")`, "true"}, {`"c" !in ("a")`, "true"}, {`"A" !in~ ("a")`, "false"},
		{`"b" in (dynamic(["a","b"]))`, "true"}, {`2 in (1, 2.0)`, "true"}, {`2 in (2.5)`, "false"},
		{`"ticket closed" has_any ("open", "closed")`, "true"}, {`"ticket closed" has_all ("ticket", "open")`, "false"},
		{`"alerts" has_any (dynamic(["alert"]))`, "false"},
		{`5 between (1 .. 5)`, "true"}, {`6 !between (1 .. 5)`, "true"},
		{`datetime(2025-06-02) between (datetime(2025-06-01) .. 2d)`, "true"},
	})
}

func TestDynamicValuesAreReachedByPath(t *testing.T) {
	checkExpressions(t, []expression{
		{`dynamic({"a":{"b":[10,20]}}).a.b[1]`, "20"}, {`dynamic({"a b":1})["a b"]`, "1"}, {`dynamic([1,2,3])[-1]`, "3"}, {`dynamic([1])[5]`, "<null>"},
		{`tostring(parse_json('{"a":"x"}').a)`, "x"}, {`parse_json('{"a":"x"}').a`, `"x"`}, {`tostring(parse_json("not json"))`, "not json"},
		{`parse_json('{"n":1}').n == 1`, "true"}, {`parse_json('{"s":"1"}').s == "1"`, "true"}, {`tostring(parse_json('{"n":1}').n) == "1"`, "true"},
		{`tostring(dynamic({"b":1,"a":[true]}))`, `{"a":[true],"b":1}`}, {`toint(dynamic("12"))`, "12"},
		{`array_length(dynamic([1,2]))`, "2"}, {`array_length(dynamic({}))`, "<null>"}, {`array_concat(dynamic([1]),dynamic([2]))`, "[1,2]"},
		{`array_index_of(dynamic(["a","b"]), "b")`, "1"}, {`array_slice(dynamic([1,2,3,4]),1,-2)`, "[2,3]"}, {`array_sort_asc(dynamic([3,1,2]))`, "[1,2,3]"},
		{`set_union(dynamic([1,2]),dynamic([2,3]))`, "[1,2,3]"}, {`set_intersect(dynamic([1,2]),dynamic([2,3]))`, "[2]"}, {`set_difference(dynamic([1,2]),dynamic([2]))`, "[1]"},
		{`set_has_element(dynamic(["a"]), "a")`, "true"}, {`bag_keys(dynamic({"b":1,"a":2}))`, `["a","b"]`}, {`bag_pack("a", 1, "b", "x")`, `{"a":1,"b":"x"}`},
		{`pack_array(1, "a", 1h)`, `[1,"a","01:00:00"]`}, {`bag_merge(dynamic({"a":1}), dynamic({"a":2,"b":3}))`, `{"a":1,"b":3}`},
		{`has_any_index("red fox", dynamic(["cat","fox"]))`, "1"},
	})
}

func TestTextFunctions(t *testing.T) {
	checkExpressions(t, []expression{
		{`tolower("ÄB")`, "äb"}, {`toupper("ab")`, "AB"}, {`strlen("né")`, "2"}, {`strcat("a", 1, true)`, "a1true"}, {`strcat_delim("-", "a", 2)`, "a-2"},
		{`substring("abcdef", 1, 2)`, "bc"}, {`substring("abcdef", -2)`, "ef"}, {`substring("ab", 5)`, ""},
		{`split("a@b@c", "@")`, `["a","b","c"]`}, {`split("a@b", "@")[1]`, `"b"`}, {`split("a_b", "_", 1)`, `["b"]`},
		{`trim("\"", "\"x\"")`, "x"}, {`trim("[ .]+", " .x. ")`, "x"}, {`trim_start("a", "aab")`, "b"}, {`trim_end("b+", "abb")`, "a"},
		{`replace_string("a.b.c", ".", "-")`, "a-b-c"}, {`replace_regex("x=1", @"(\w)=(\d)", @"\2=\1")`, "1=x"},
		{`extract("@(.*)$", 1, "a@b.c")`, "b.c"}, {`extract("(\\d+)", 1, "n12", typeof(long)) + 1`, "13"}, {`extract("z", 0, "a")`, ""},
		{`extract_all("(\\d)", "a1b2")`, `["1","2"]`}, {`indexof("abcabc", "c")`, "2"}, {`indexof("abcabc", "c", 3)`, "5"}, {`indexof("a", "z")`, "-1"},
		{`countof("aaa", "aa")`, "2"}, {`reverse("abc")`, "cba"}, {`strcmp("a", "b")`, "-1"}, {`translate("ab", "xy", "aabbc")`, "xxyyc"},
		{`url_decode("a%20b")`, "a b"}, {`base64_decode_tostring("aGk=")`, "hi"}, {`base64_encode_tostring("hi")`, "aGk="},
		{`hash_sha256("a")`, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
		{`tostring(parse_url("https://u:p@h.test:8/p?q=1#f").Host)`, "h.test"}, {`tostring(parse_url("https://h/p?q=1")["Query Parameters"].q)`, "1"},
		{`ipv4_is_private("10.1.2.3")`, "true"}, {`ipv4_is_in_range("10.1.2.3", "10.1.0.0/16")`, "true"}, {`ipv4_is_in_range("x", "10.1.0.0/16")`, "<null>"},
	})
}

func TestNumberAndCastFunctions(t *testing.T) {
	checkExpressions(t, []expression{
		{`tolong("12")`, "12"}, {`tolong("x")`, "<null>"}, {`toint("0x10")`, "16"}, {`toint(3000000000)`, "<null>"}, {`todouble("1.5")`, "1.5"}, {`tolong(2.9)`, "2"},
		{`tobool("true")`, "true"}, {`tobool(0)`, "false"}, {`tostring(1.0)`, "1.0"}, {`tostring(true)`, "true"}, {`toguid("x")`, "<null>"},
		{`abs(-3)`, "3"}, {`round(2.567, 2)`, "2.57"}, {`floor(7, 5)`, "5"}, {`bin(-1, 5)`, "-5"}, {`ceiling(1.2)`, "2.0"}, {`pow(2, 3)`, "8.0"}, {`sqrt(9)`, "3.0"},
		{`min_of(3, 1, 2)`, "1"}, {`max_of(1.5, 1)`, "1.5"}, {`iff(1 < 2, "y", "n")`, "y"}, {`case(false, 1, true, 2, 3)`, "2"},
		{`gettype(dynamic([1]))`, "array"}, {`isnan(0.0/0.0)`, "true"},
	})
}

func TestTimeFunctions(t *testing.T) {
	checkExpressions(t, []expression{
		{`now()`, "2025-06-02T12:00:00.0000000Z"}, {`ago(1d)`, "2025-06-01T12:00:00.0000000Z"}, {`now(-1h)`, "2025-06-02T11:00:00.0000000Z"},
		{`bin(datetime(2025-06-02 10:47), 15m)`, "2025-06-02T10:45:00.0000000Z"}, {`startofday(now())`, "2025-06-02T00:00:00.0000000Z"},
		{`startofday(now(), -1)`, "2025-06-01T00:00:00.0000000Z"}, {`endofday(now())`, "2025-06-02T23:59:59.9999999Z"},
		{`startofweek(now())`, "2025-06-01T00:00:00.0000000Z"}, {`startofmonth(now())`, "2025-06-01T00:00:00.0000000Z"}, {`dayofweek(now())`, "1.00:00:00"},
		{`hourofday(now())`, "12"}, {`datetime_part("Hour", now())`, "12"}, {`datetime_add("month", 1, datetime(2025-01-31))`, "2025-02-28T00:00:00.0000000Z"},
		{`datetime_diff("hour", datetime(2025-06-02 10:01), datetime(2025-06-02 09:59))`, "1"}, {`datetime_diff("day", datetime(2025-06-01), datetime(2025-06-03))`, "-2"},
		{`format_datetime(datetime(2025-06-02 03:04:05.678), "yyyy-MM-dd HH:mm:ss.fff")`, "2025-06-02 03:04:05.678"}, {`format_datetime(datetime(2025-06-02 15:04), "d/M/yy h:mm tt")`, "2/6/25 3:04 PM"},
		{`format_timespan(1d+2h+3m, "d.hh:mm")`, "1.02:03"}, {`todatetime("2025-06-02T10:00:00Z")`, "2025-06-02T10:00:00.0000000Z"}, {`todatetime("x")`, "<null>"},
		{`totimespan("01:30:00")`, "01:30:00"}, {`make_datetime(2025, 6, 2, 10, 30)`, "2025-06-02T10:30:00.0000000Z"}, {`unixtime_seconds_todatetime(0)`, "1970-01-01T00:00:00.0000000Z"},
		{`unixtime_milliseconds_todatetime(1500)`, "1970-01-01T00:00:01.5000000Z"}, {`todatetime("")`, "<null>"},
	})
}

func TestAStringCellIsNeverNull(t *testing.T) {
	db := kql.Database{"T": {Columns: []kql.Column{{Name: "s", Type: kql.TypeString}}, Rows: [][]kql.Value{{nil}, {"a"}}}}
	if got := table(t, db, `T | where s == ""`); got != "" {
		t.Errorf("got %q, want one empty string", got)
	}
	if got := table(t, db, `T | where isnotnull(s) | summarize dcount(s)`); got != "2" {
		t.Errorf("got %q, want both rows", got)
	}
}
