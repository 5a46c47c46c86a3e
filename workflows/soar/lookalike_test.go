package soar_test

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"harrier/workflows/soar"
	"pgregory.net/rapid"
)

var accepted = []string{"contoso.com", "fabrikam.co.uk", "contoso.onmicrosoft.com"}

func TestDomainsThatLookLikeAnAcceptedOne(t *testing.T) {
	tests := []struct{ domain, of, how string }{
		{"c0ntoso.com", "contoso.com", "confusable characters"},
		{"cont0s0.net", "contoso.com", "confusable characters"},
		{"C\u043entoso.com", "contoso.com", "confusable characters"},   // Cyrillic о
		{"xn--cntoso-wqf.com", "contoso.com", "confusable characters"}, // the same in punycode
		{"c\u03bfntoso.com", "contoso.com", "confusable characters"},   // Greek ο
		{"cont\u200boso.com", "contoso.com", "confusable characters"},  // zero-width space
		{"cont\u00f3so.com", "contoso.com", "confusable characters"},   // ó
		{"fabrikarn.co.uk", "fabrikam.co.uk", "confusable characters"}, // rn for m
		{"fabr1kam.com", "fabrikam.co.uk", "confusable characters"},    // 1 for i
		{"FABRlKAM.co.uk", "fabrikam.co.uk", "confusable characters"},  // l for i
		{"contoso.co", "contoso.com", "other top-level domain"},        //
		{"contoso.zip", "contoso.com", "other top-level domain"},       //
		{"fabrikam.com", "fabrikam.co.uk", "other top-level domain"},   //
		{"mail.contoso.net", "contoso.com", "other top-level domain"},  //
		{"contoso.com.evil.test", "contoso.com", "the accepted domain in front of another domain"},
		{"mail.contoso.com.evil.test", "contoso.com", "the accepted domain in front of another domain"},
		{"contoso-com.evil.test", "contoso.com", "the accepted name with an addition"},
		{"contoso-hr.example", "contoso.com", "the accepted name with an addition"},
		{"hr-contoso.example", "contoso.com", "the accepted name with an addition"},
		{"c0ntoso-hr.example", "contoso.com", "the accepted name with an addition"},
		{"mycontoso.test", "contoso.com", "the accepted name with an addition"},
		{"contosologin.com", "contoso.com", "the accepted name with an addition"},
		{"con-toso.com", "contoso.com", "the accepted name with an addition"},
		{"contoso.zendesk.com", "contoso.com", "other top-level domain"},
		{"contosso.com", "contoso.com", "one or two letters changed"},
		{"cotnoso.net", "contoso.com", "one or two letters changed"},
		{"contosso-mail.evil.test", "contoso.com", "one or two letters changed"},
		{"evilcontoso.com", "contoso.com", "the accepted name with an addition"},
	}
	for _, tt := range tests {
		of, how, ok := soar.Lookalike(tt.domain, accepted)
		if !ok || of != tt.of || how != tt.how {
			t.Errorf("Lookalike(%q) = %q, %q, %v; want %q, %q", tt.domain, of, how, ok, tt.of, tt.how)
		}
	}
}

func TestDomainsThatDoNotLookLikeAnAcceptedOne(t *testing.T) {
	for _, d := range []string{
		"", ".", "contoso.com", "CONTOSO.COM.", "mail.contoso.com", "a.b.c.contoso.com", "fabrikam.co.uk", "www.fabrikam.co.uk",
		"contoso.onmicrosoft.com", "adatum.onmicrosoft.com", "onmicrosoft.com", "northwind.com", "consort.com", "datadoghq.com",
		"atlassian.net", "microsoft.com", "co.uk", "com", "canto.com", "fabric.com", "contour.com",
	} {
		if of, how, ok := soar.Lookalike(d, accepted); ok {
			t.Errorf("Lookalike(%q) = %q, %q; want none", d, of, how)
		}
	}
}

func TestShortNamesDoNotCollide(t *testing.T) {
	short := []string{"hp.com", "abc.de", "acme.com"}
	for _, d := range []string{"hq.com", "hp.org", "abd.de", "abc-news.example", "bp.com", "acne.com", "ace.com", "placemen.com", "racmed.com"} {
		if of, how, ok := soar.Lookalike(d, short); ok {
			t.Errorf("Lookalike(%q) = %q, %q; want none", d, of, how)
		}
	}
	for _, d := range []string{"hp.co", "acme-hr.test", "myacme.test", "acmelogin.net", "acme.co", "acrne.com"} {
		if _, _, ok := soar.Lookalike(d, short); !ok {
			t.Errorf("Lookalike(%q) is false; want true", d)
		}
	}
}

func TestAParentOfAnAcceptedSubdomainIsTheSameOwner(t *testing.T) {
	for _, d := range []string{"contoso.com", "shop.contoso.com"} {
		if _, how, ok := soar.Lookalike(d, []string{"mail.contoso.com"}); ok {
			t.Errorf("Lookalike(%q) = %q; want none", d, how)
		}
	}
}

func TestOrdinaryDomainsHardlyEverLookLikeAnAcceptedOne(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	parts := strings.Fields(`ab ac al am an ar as at ba be bi bo ca ce ci co con da de di do el en er es fa fe fi ga ge go ha he
		hi in is it ja ka ke la le li lo ma me mi mo na ne ni no nor on op or pa pe pi po qua ra re ri ro sa se si so sta ta te
		ti to tra un va ve vi vo wa we win za ze soft tech net data bank shop media group north west labs works`)
	tlds := strings.Fields("com com com net org de co.uk io fr nl test example")
	hits := 0
	for range 10_000 {
		var b strings.Builder
		for range 2 + r.Intn(3) {
			b.WriteString(parts[r.Intn(len(parts))])
		}
		d := b.String() + "." + tlds[r.Intn(len(tlds))]
		if _, _, ok := soar.Lookalike(d, accepted); ok {
			hits++
		}
	}
	if hits > 3 {
		t.Errorf("%d of 10,000 ordinary domains look like an accepted one; want at most 3", hits)
	}
}

func TestAnAcceptedDomainAndItsSubdomainsAreNeverLookalikes(t *testing.T) {
	label := rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		var list []string
		for range rapid.IntRange(1, 4).Draw(t, "n") {
			list = append(list, label.Draw(t, "name")+"."+rapid.SampledFrom([]string{"com", "de", "co.uk", "test"}).Draw(t, "tld"))
		}
		d := rapid.SampledFrom(list).Draw(t, "domain")
		if rapid.Bool().Draw(t, "subdomain") {
			d = label.Draw(t, "sub") + "." + d
		}
		if of, how, ok := soar.Lookalike(d, list); ok {
			t.Fatalf("Lookalike(%q, %q) = %q, %q; want none", d, list, of, how)
		}
	})
}

func TestReplacingLettersByHomoglyphsIsAlwaysALookalike(t *testing.T) {
	glyphs := map[rune][]rune{'c': {'с', 'ϲ'}, 'o': {'0', 'о', 'ο', 'օ'}, 'n': {'ո'}, 't': {'т', 'τ'}, 's': {'ѕ', '5'}}
	rapid.Check(t, func(t *rapid.T) {
		name := []rune("contoso")
		changed := false
		for i, r := range name {
			if rapid.Bool().Draw(t, fmt.Sprint("replace ", i)) {
				name[i] = rapid.SampledFrom(glyphs[r]).Draw(t, "glyph")
				changed = true
			}
		}
		if !changed {
			return
		}
		for _, d := range []string{string(name) + ".com", string(name) + ".example", string(name) + "-hr.example"} {
			if of, _, ok := soar.Lookalike(d, accepted); !ok || of != "contoso.com" {
				t.Fatalf("Lookalike(%q) = %q, %v; want contoso.com", d, of, ok)
			}
		}
	})
}

func FuzzLookalikeTakesAnything(f *testing.F) {
	for _, s := range []string{"", "xn--", "xn--a-0000000000", "xn--99zzzzz99999", "..", "\xff\xfe.com", "xn--ls8h.test"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, d string) {
		if _, how, ok := soar.Lookalike(d, accepted); ok != (how != "") {
			t.Errorf("Lookalike(%q): ok is %v, how is %q", d, ok, how)
		}
		soar.AddressOddity("a@" + d)
	})
}

func TestPunycodeIsDecodedAsTheStandardSays(t *testing.T) {
	// Sample strings of RFC 3492, section 7.1, and a few names in use.
	for label, want := range map[string]string{
		"xn--bcher-kva":                "bücher",
		"xn--e1afmkfd":                 "пример",
		"xn--ngbc5azd":                 "شبكة",
		"xn--fiqs8s":                   "中国",
		"xn--ihqwcrb4cv8a8dqg056pqjye": "他们为什么不说中文",
		"xn--porqunopuedensimplementehablarenespaol-fmd56a": "porquénopuedensimplementehablarenespañol",
	} {
		// A domain looks like the one it decodes to only when decoding is right.
		if _, how, ok := soar.Lookalike(label+".co", []string{want + ".com"}); !ok || how != "other top-level domain" {
			t.Errorf("%s: how is %q, %v; want it decoded to %s", label, how, ok, want)
		}
		if _, _, ok := soar.Lookalike(label+".com", []string{want + ".com"}); ok {
			t.Errorf("%s is %s itself, not a look-alike", label, want)
		}
	}
}

func TestOddAddresses(t *testing.T) {
	tests := []struct{ address, odd string }{
		{"jane.doe@contoso.com", ""},
		{"o'brien@Contoso.COM", ""},
		{"root@web_01.contoso.com", ""},
		{"<>", ""},
		{"", ""},
		{"bounce+abc-user=example.com@mg.esp.test", ""},
		{"info@xn--bcher-kva.example", ""},
		{"info@xn--ngbc5azd.example", ""},
		{"info@\u30bd\u30cb\u30fcsony.example", ""},
		{"b\u0430ckup@contoso.com", "local part has the non-ASCII character U+0430"},
		{"backup@cont\u043eso.com", "mixes Latin and Cyrillic in one label of the domain"},
		{"backup@xn--cntoso-wqf.com", "mixes Latin and Cyrillic in one label of the domain"},
		{"back\u200bup@contoso.com", "invisible or direction-changing character U+200B"},
		{"\u202ebackup@contoso.com", "invisible or direction-changing character U+202E"},
		{"backup\u3164@contoso.com", "invisible or direction-changing character U+3164"},
		{"back up@contoso.com", "invisible or direction-changing character U+0020"},
		{"backup@contoso.com@evil.test", "more than one @"},
		{"<Jane.Doe@Contoso.COM>", "angle brackets in the address"},
		{"\"ceo@contoso.com\"@evil.test", "quotes in the address"},
		{" backup@contoso.com", "invisible or direction-changing character U+0020"},
		{"backup@contoso.com\t", "invisible or direction-changing character U+0009"},
		{"backup@contoso.com.", "a dot at the end of the domain"},
		{"backup@contoso..com", "an empty label in the domain"},
		{"backup@", "an empty label in the domain"},
		{"backup@contoso\u3002com", "a full stop outside ASCII in the domain"},
		{"backup@[contoso.com]", "the domain has the character U+005B, which no domain has"},
		{"backup@contoso.com,", "the domain has the character U+002C, which no domain has"},
		{"Backup", "no @ in the address"},
		{"x@xn--zzzzzzzzz9999999.test", "label xn--zzzzzzzzz9999999 is not valid punycode"},
		{"a\xff@contoso.com", "address is not valid UTF-8"},
	}
	for _, tt := range tests {
		if got := soar.AddressOddity(tt.address); got != tt.odd {
			t.Errorf("AddressOddity(%q) = %q; want %q", tt.address, got, tt.odd)
		}
	}
}

func TestAddressesAreComparedInOneFormThatUnwrapsNothing(t *testing.T) {
	for in, want := range map[string]string{
		"No-Reply@Contoso.COM":                "no-reply@contoso.com",
		" <no-reply@contoso.com> ":            " <no-reply@contoso.com> ",
		"backup@contoso.com.":                 "backup@contoso.com.",
		"<>":                                  "",
		" ":                                   "",
		"prvs=2987a7b7c7=me@example.com":      "prvs=2987a7b7c7=me@example.com",
		"SRS0=hh=tt=orig.test=alice@fwd.test": "srs0=hh=tt=orig.test=alice@fwd.test",
		"me+tag@example.com":                  "me+tag@example.com",
		"\u212aelvin@contoso.com":             "\u212aelvin@contoso.com", // KELVIN SIGN is not k
	} {
		if got := soar.NormalAddress(in); got != want {
			t.Errorf("NormalAddress(%q) = %q; want %q", in, got, want)
		}
	}
}

func TestEditDistanceCountsASwapAsOne(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "", 3}, {"contoso", "cotnoso", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 1}} {
		if got := soar.EditDistance(tt.a, tt.b); got != tt.want {
			t.Errorf("EditDistance(%q, %q) = %d; want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestAKnownDomainLooksLikeNothingAndOnlyItself(t *testing.T) {
	tenant := soar.Tenant{AcceptedDomains: []string{"contoso.com"}, KnownDomains: []string{"contoso-partners.example"}}
	for domain, alike := range map[string]bool{
		"contoso-partners.example": false, "CONTOSO-partners.example": false, "contoso.com": false, "northwind.com": false,
		"mail.contoso-partners.example": true, "contoso-partners.example.evil.test": true, "contoso-partner.example": true,
	} {
		if of, how, ok := tenant.Lookalike(domain); ok != alike {
			t.Errorf("Lookalike(%q) = %q, %q, %v; want %v", domain, of, how, ok, alike)
		}
	}
}
