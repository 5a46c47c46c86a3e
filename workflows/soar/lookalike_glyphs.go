package soar

import (
	"strings"
	"unicode"
)

// homoglyphs lists, behind each ASCII letter, characters that look like it or
// like it with a mark.
const homoglyphs = `
a àáâãäåāăąǎǟȧạảấầẩẫậắằẳẵặаӑӓαάɑａ
b ḃḅƀɓвьъβßｂ
c çćĉċčсϲсᴄⅽｃ
d ďđḋḍԁɗⅾｄ
e èéêëēĕėęěẹẻẽếềểễệеёєҽεέℯｅэ
f ƒḟｆ
g ĝğġģǧɡցｇ
h ĥħḥһհнｈ
j ĵјϳｊ
k ķĸкκќｋ
l ìíîïĩīĭįıǐỉịіїιίɩɪӏĺļľŀłḷⅼⅰ|ｉｌɭ
m ḿṁṃмｍⅿ
n ñńņňŉŋṅṇηήпոｎ
o òóôõöøōŏőǒǫọỏốồổỗộớờởỡợơоӧοόσօ০๐ｏ
p ṕṗрρþｐ
q ԛզｑ
r ŕŗřṛгᴦｒ
s śŝşšșṣѕꜱｓ
t ţťŧțṭтτｔ
u ùúûüũūŭůűųǔụủứừửữựưυύսцｕ
v ṽṿνѵⅴｖ
w ŵẁẃẅѡԝωώшｗ
x хχⅹｘ
y ýÿŷỳỵỷỹуүγỿｙў
z źżžẓᴢｚ`

var glyphBase = readGlyphs(homoglyphs)

func readGlyphs(table string) map[rune]rune {
	base := map[rune]rune{'0': 'o', '1': 'l', 'i': 'l', '3': 'e', '5': 's', '8': 'b'}
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		letter, likes, _ := strings.Cut(line, " ")
		for _, r := range likes {
			base[r] = rune(letter[0])
		}
	}
	return base
}

// skeleton folds a text so that two texts that a reader takes for each other
// become one: homoglyphs to their letter, 1, i and l to l, 0 to o, rn to m, vv to
// w; marks and invisible characters vanish.
func skeleton(s string) string {
	var b strings.Builder
	for _, r := range s {
		r = unicode.ToLower(r)
		if base, ok := glyphBase[r]; ok {
			r = base
		}
		if unicode.Is(unicode.Mn, r) || invisible(r) {
			continue
		}
		b.WriteRune(r)
	}
	return pairs.Replace(b.String())
}

var pairs = strings.NewReplacer("rn", "m", "vv", "w")

// invisible says that a character takes no room or turns the direction of text.
func invisible(r rune) bool {
	switch {
	case unicode.Is(unicode.Cf, r), unicode.IsControl(r), unicode.Is(unicode.Variation_Selector, r):
		return true
	case r == '\u034f', r == '\u115f', r == '\u1160', r == '\u17b4', r == '\u17b5', r == '\u3164', r == '\uffa0':
		return true
	}
	return unicode.IsSpace(r)
}
