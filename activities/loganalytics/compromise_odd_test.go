package loganalytics_test

import (
	"encoding/json"
	"testing"

	"harrier/workflows/soar"
)

// asText is a JSON value wrapped in text, as exports of the log write it.
func asText(t *testing.T, raw string, times int) string {
	t.Helper()
	for range times {
		wrapped, err := json.Marshal(raw)
		if err != nil {
			t.Fatal(err)
		}
		raw = string(wrapped)
	}
	return raw
}

func TestARecordIsReadInWhateverFormItComes(t *testing.T) {
	const (
		forwards = "all mail goes to x@evil.test"
		forward  = `{"UserId":"admin@contoso.com","ObjectId":"boss@contoso.com","Parameters":[{"Name":"ForwardingSmtpAddress","Value":"smtp:X@evil.test"}]}`
	)
	for _, c := range []struct{ name, action, raw, want string }{
		{"an object", "Set-Mailbox", forward, forwards + " by admin@contoso.com"},
		{"text that holds the object", "Set-Mailbox", asText(t, forward, 1), forwards + " by admin@contoso.com"},
		{"text in text", "Set-Mailbox", asText(t, forward, 2), forwards + " by admin@contoso.com"},
		{"upper case throughout", "SET-MAILBOX", `{"USERID":"ADMIN@CONTOSO.COM","OBJECTID":"BOSS@CONTOSO.COM","PARAMETERS":[{"NAME":"FORWARDINGSMTPADDRESS","VALUE":"SMTP:X@EVIL.TEST"}]}`, forwards + " by ADMIN@CONTOSO.COM"},
		{"parameters as text", "Set-Mailbox", `{"ObjectId":"boss@contoso.com","Parameters":` + asText(t, `[{"Name":"ForwardingSmtpAddress","Value":"x@evil.test"}]`, 1) + `}`, forwards},
		{"parameters as text in text", "Set-Mailbox", `{"ObjectId":"boss@contoso.com","Parameters":` + asText(t, `[{"Name":"ForwardingSmtpAddress","Value":"x@evil.test"}]`, 2) + `}`, forwards},
		{"parameters as an object", "Set-Mailbox", `{"ObjectId":"boss@contoso.com","Parameters":{"ForwardingSmtpAddress":"x@evil.test"}}`, forwards},
		{"the mailbox in the parameters alone, as text", "Set-Mailbox", `{"Parameters":` + asText(t, `[{"Name":"Identity","Value":"boss@contoso.com"},{"Name":"ForwardingSmtpAddress","Value":"x@evil.test"}]`, 1) + `}`, forwards},
		{"the value before the name", "Set-Mailbox", `{"Parameters":[{"Value":"boss@contoso.com","Name":"Identity"},{"Value":"x@evil.test","Name":"ForwardingSmtpAddress"}]}`, forwards},
		{"the mailbox in an object of parameters", "Set-Mailbox", `{"Parameters":{"Identity":"boss@contoso.com","ForwardingSmtpAddress":"x@evil.test"}}`, forwards},
		{"a path", "Set-Mailbox", `{"ObjectId":"EURPR01A001.prod.outlook.com/Microsoft Exchange Hosted Organizations/contoso.onmicrosoft.com/boss","Parameters":[{"Name":"ForwardingSmtpAddress","Value":"x@evil.test"}]}`, forwards},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := bossPast(t, newWorld(t).event(event{action: c.action, by: "admin", hour: -10, raw: c.raw}))
			if len(p.Compromise) != 1 || p.Compromise[0].Kind != soar.CompromiseForwarding || p.Compromise[0].Detail != c.want {
				t.Errorf("facts %+v, want %q", p.Compromise, c.want)
			}
		})
	}
}
