package serde

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// differs compares a value with the JSON of a vector and says what is different, or "". The conventions of that JSON: integers are numbers;
// NaN and infinities strings; bytes {"bytes": hex}; BigInteger a string; decimals {"unscaled","scale"}; dates {"millis"}, timestamps
// {"millis","nanos"}, instants {"seconds","nanos"}, local dates and times ISO strings; maps arrays of pairs; tuples and lists arrays; rows
// {"kind","fields"}; POJOs objects with $class; TTL {"ts","value"}.
func differs(v Value, raw json.RawMessage) string {
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	var j any
	if err := d.Decode(&j); err != nil {
		return err.Error()
	}
	return diff(v, j)
}

func diff(v Value, j any) string {
	var ok bool
	switch v := v.(type) {
	case Null:
		ok = j == nil
	case Bool:
		ok = j == bool(v)
	case Int:
		ok = fmt.Sprint(j) == strconv.FormatInt(int64(v), 10)
	case Float32:
		ok = sameFloat(float64(v), j, 32)
	case Float64:
		ok = sameFloat(float64(v), j, 64)
	case Char:
		ok = sameText(string(rune(v)), j)
		if v >= 0xD800 && v < 0xE000 {
			ok = sameText(string(utf8.RuneError), j)
		}
	case Text:
		ok = sameText(string(v), j)
	case Enum:
		ok = j == v.Name
	case Bytes:
		ok = member(j, "bytes") == hex.EncodeToString(v)
	case Raw:
		ok = member(j, "raw") == hex.EncodeToString(v.Data)
	case Integer:
		ok = j == decimalText(v.Unscaled)
	case Decimal:
		ok = member(j, "unscaled") == decimalText(v.Unscaled) && fmt.Sprint(member(j, "scale")) == fmt.Sprint(v.Scale)
	case Time:
		ok = sameTime(v, j)
	case List:
		return diffList(v, j)
	case Map:
		return diffMap(v, j)
	case Struct:
		return diffStruct(v, j)
	}
	if !ok {
		return fmt.Sprintf("%#v is not %v", v, j)
	}
	return ""
}

func member(j any, name string) any {
	m, _ := j.(map[string]any)
	return m[name]
}

func sameFloat(v float64, j any, size int) bool {
	if s, ok := j.(string); ok {
		want := map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}[s]
		return v == want || (math.IsNaN(v) && math.IsNaN(want))
	}
	n, ok := j.(json.Number)
	f, err := strconv.ParseFloat(string(n), size)
	return ok && err == nil && f == v && math.Signbit(f) == math.Signbit(v)
}

// sameText compares texts. JSON's decoder replaces unpaired surrogates, which the bytes keep.
func sameText(v string, j any) bool {
	s, ok := j.(string)
	return ok && s == strings.Join(splitSurrogates(v), string(utf8.RuneError))
}

func splitSurrogates(v string) []string {
	out := []string{""}
	for i := 0; i < len(v); {
		if v[i] == 0xED && i+2 < len(v) && v[i+1] >= 0xA0 {
			out = append(out, "")
			i += 3
			continue
		}
		out[len(out)-1] += v[i : i+1]
		i++
	}
	return out
}

func decimalText(twos []byte) string {
	n := new(big.Int).SetBytes(twos)
	if len(twos) > 0 && twos[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(twos))))
	}
	return n.String()
}

func sameTime(v Time, j any) bool {
	switch v.Kind {
	case KindInstant:
		return sameInstant(v, j)
	case KindLocalDate:
		return j == isoDate(v)
	case KindLocalTime:
		return sameClock(v, j)
	}
	s, _ := j.(string)
	date, clock, ok := strings.Cut(s, "T")
	return ok && date == isoDate(v) && sameClock(v, clock)
}

func sameInstant(v Time, j any) bool {
	if m := member(j, "millis"); m != nil {
		ms, _ := millisOf(v)
		nanos := member(j, "nanos")
		return fmt.Sprint(m) == fmt.Sprint(ms) && (nanos == nil || fmt.Sprint(nanos) == fmt.Sprint(v.Nanos))
	}
	return fmt.Sprint(member(j, "seconds")) == fmt.Sprint(v.Seconds) && fmt.Sprint(member(j, "nanos")) == fmt.Sprint(v.Nanos)
}

// isoDate is LocalDate.toString.
func isoDate(v Time) string {
	year := fmt.Sprintf("%04d", v.Year)
	if v.Year < 0 {
		year = fmt.Sprintf("-%04d", -int64(v.Year))
	} else if v.Year > 9999 {
		year = fmt.Sprintf("+%d", v.Year)
	}
	return fmt.Sprintf("%s-%02d-%02d", year, v.Month, v.Day)
}

func sameClock(v Time, j any) bool {
	s, _ := j.(string)
	for _, layout := range []string{"15:04", "15:04:05", "15:04:05.999999999"} {
		if c, err := time.Parse(layout, s); err == nil {
			return c.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)).Nanoseconds() == v.NanoOfDay
		}
	}
	return false
}

func diffList(v []Value, j any) string {
	a, ok := j.([]any)
	if !ok || len(a) != len(v) {
		return fmt.Sprintf("%d elements against %v", len(v), j)
	}
	for i := range v {
		if why := diff(v[i], a[i]); why != "" {
			return why
		}
	}
	return ""
}

func diffMap(v Map, j any) string {
	var flat List
	var want []any
	a, _ := j.([]any)
	for _, p := range v {
		flat = append(flat, p.Key, p.Value)
	}
	for _, p := range a {
		pair, _ := p.([]any)
		want = append(want, pair...)
	}
	return diffList(flat, want)
}

func diffStruct(v Struct, j any) string {
	m, _ := j.(map[string]any)
	switch {
	case v.Type.Kind == KindTuple:
		return diffList(v.Fields, j)
	case v.Type.Kind == KindRow:
		if m["kind"] != RowKindNames[v.Form.RowKind] {
			return "row kind"
		}
		return diffList(v.Fields, m["fields"])
	case v.Type.Kind == KindTTL:
		m = map[string]any{"ttlTs": m["ts"], "value": m["value"]}
	case v.Type.Note == noteGlobal:
		m = map[string]any{}
	case v.Type.Kind == KindUnion && v.Fields[0] != nil && v.Type.Fields[0].Name == "timestamped":
		m = map[string]any{"timestamped": map[string]any{"timestamp": m["ts"], "value": m["record"]}}
	}
	if class, ok := m["$class"]; ok && class != firstOf(v.Form.Class, v.Type.Class) {
		return fmt.Sprintf("class %s", firstOf(v.Form.Class, v.Type.Class))
	}
	seen := 0
	for i, f := range v.Fields {
		if f == nil {
			continue
		}
		want, ok := m[v.Type.Fields[i].Name]
		if !ok {
			return "no field " + v.Type.Fields[i].Name
		}
		if why := diff(f, want); why != "" {
			return v.Type.Fields[i].Name + ": " + why
		}
		seen++
	}
	if _, ok := m["$class"]; ok {
		seen++
	}
	if seen != len(m) {
		return fmt.Sprintf("%d members against %v", seen, j)
	}
	return ""
}
