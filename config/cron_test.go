package config_test

import (
	"reflect"
	"testing"

	"harrier/config"
)

func TestCronBecomesRanges(t *testing.T) {
	type r = config.CronRange
	hour, day, month, week := []r{{0, 23, 1}}, []r{{1, 31, 1}}, []r{{1, 12, 1}}, []r{{0, 6, 1}}
	for text, want := range map[string]config.Cron{
		"0 * * * *":           {Minute: []r{{0, 0, 1}}, Hour: hour, DayOfMonth: day, Month: month, DayOfWeek: week},
		"*/15 6-18/4 * * *":   {Minute: []r{{0, 59, 15}}, Hour: []r{{6, 18, 4}}, DayOfMonth: day, Month: month, DayOfWeek: week},
		"5/20 1,3 * * *":      {Minute: []r{{5, 59, 20}}, Hour: []r{{1, 1, 1}, {3, 3, 1}}, DayOfMonth: day, Month: month, DayOfWeek: week},
		"0 6 * jan mon-FRI":   {Minute: []r{{0, 0, 1}}, Hour: []r{{6, 6, 1}}, DayOfMonth: day, Month: []r{{1, 1, 1}}, DayOfWeek: []r{{1, 5, 1}}},
		"0 6 * * 7":           {Minute: []r{{0, 0, 1}}, Hour: []r{{6, 6, 1}}, DayOfMonth: day, Month: month, DayOfWeek: []r{{0, 0, 1}}},
		"0 6 * * 5-7":         {Minute: []r{{0, 0, 1}}, Hour: []r{{6, 6, 1}}, DayOfMonth: day, Month: month, DayOfWeek: []r{{0, 0, 1}, {5, 6, 1}}},
		"0 6 29 2 *":          {Minute: []r{{0, 0, 1}}, Hour: []r{{6, 6, 1}}, DayOfMonth: []r{{29, 29, 1}}, Month: []r{{2, 2, 1}}, DayOfWeek: week},
		"  0   6   1   *  * ": {Minute: []r{{0, 0, 1}}, Hour: []r{{6, 6, 1}}, DayOfMonth: []r{{1, 1, 1}}, Month: month, DayOfWeek: week},
	} {
		got, err := config.ParseCron(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParseCron(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
}

func TestCronThatIsNotOneIsRefusedWithWhatToWrite(t *testing.T) {
	for text, want := range map[string]string{
		"@hourly":       `read cron "@hourly": it has 1 fields; write five, minute hour day-of-month month day-of-week, as 0 * * * *`,
		"60 24 * * *":   "read cron \"60 24 * * *\": minute is \"60\"; write 0 to 59\nread cron \"60 24 * * *\": hour is \"24\"; write 0 to 23",
		"*/0 * * * *":   `read cron "*/0 * * * *": minute has step "0"; write 1 to 59`,
		"5-1 * * * *":   `read cron "5-1 * * * *": minute range "5-1" ends before it begins`,
		"0 6 1 * mon":   `read cron "0 6 1 * mon": day of month and day of week are both given, and cron programs disagree on what that means; write * for one of them`,
		"0 6 31 2,4 *":  `read cron "0 6 31 2,4 *": no month it names has such a day, it would never run`,
		"0 6 * foo *":   `read cron "0 6 * foo *": month is "foo"; write 1 to 12`,
		"0 6 * * mon,,": `read cron "0 6 * * mon,,": day of week is ""; write 0 to 7`,
	} {
		_, err := config.ParseCron(text)
		reads(t, err, "", want)
	}
}

func FuzzParseCron(f *testing.F) {
	f.Add("*/5 1-3,7/2 * jan sun")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.ParseCron(text)
		if err == nil && (len(c.Minute) == 0 || len(c.Hour) == 0 || len(c.DayOfMonth) == 0 || len(c.Month) == 0 || len(c.DayOfWeek) == 0) {
			t.Errorf("ParseCron(%q) has an empty field: %+v", text, c)
		}
	})
}
