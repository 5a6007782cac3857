package javaser

// The JDK's collections, by what they write.

// Pair is an entry of a map.
type Pair struct{ Key, Value Value }

// How a collection class keeps its elements.
type collection struct {
	fields []string // in fields: single elements, or one field that holds a collection or an array
	nested bool     // the one field holds a collection or an array
	// in the annotation of class owner: skip bytes of block data, objects before the count, the count, the elements
	owner   string
	objects int
	skip    int
	uncount bool // no count is written
}

const ju = "java.util."

var lists = map[string]collection{
	ju + "ArrayList":                                {owner: ju + "ArrayList"},
	ju + "LinkedList":                               {owner: ju + "LinkedList"},
	ju + "ArrayDeque":                               {owner: ju + "ArrayDeque"},
	ju + "PriorityQueue":                            {owner: ju + "PriorityQueue", skip: 4, uncount: true},
	ju + "HashSet":                                  {owner: ju + "HashSet", skip: 8},
	ju + "LinkedHashSet":                            {owner: ju + "HashSet", skip: 8},
	ju + "TreeSet":                                  {owner: ju + "TreeSet", objects: 1},
	ju + "concurrent.CopyOnWriteArrayList":          {owner: ju + "concurrent.CopyOnWriteArrayList"},
	ju + "Arrays$ArrayList":                         {fields: []string{"a"}, nested: true},
	ju + "EnumSet$SerializationProxy":               {fields: []string{"elements"}, nested: true},
	ju + "Collections$UnmodifiableList":             {fields: []string{"list"}, nested: true},
	ju + "Collections$UnmodifiableRandomAccessList": {fields: []string{"list"}, nested: true},
	ju + "Collections$UnmodifiableCollection":       {fields: []string{"c"}, nested: true},
	ju + "Collections$UnmodifiableSet":              {fields: []string{"c"}, nested: true},
	ju + "Collections$SynchronizedList":             {fields: []string{"list"}, nested: true},
	ju + "Collections$SynchronizedRandomAccessList": {fields: []string{"list"}, nested: true},
	ju + "Collections$SynchronizedSet":              {fields: []string{"c"}, nested: true},
	ju + "Collections$SetFromMap":                   {fields: []string{"m"}, nested: true},
	ju + "Collections$SingletonList":                {fields: []string{"element"}},
	ju + "Collections$SingletonSet":                 {fields: []string{"element"}},
	ju + "Collections$EmptyList":                    {},
	ju + "Collections$EmptySet":                     {},
}

var maps = map[string]collection{
	ju + "HashMap":                      {owner: ju + "HashMap", skip: 4},
	ju + "LinkedHashMap":                {owner: ju + "HashMap", skip: 4},
	ju + "Hashtable":                    {owner: ju + "Hashtable", skip: 4},
	ju + "Properties":                   {owner: ju + "Hashtable", skip: 4},
	ju + "TreeMap":                      {owner: ju + "TreeMap"},
	ju + "IdentityHashMap":              {owner: ju + "IdentityHashMap"},
	ju + "EnumMap":                      {owner: ju + "EnumMap"},
	ju + "Collections$UnmodifiableMap":  {fields: []string{"m"}, nested: true},
	ju + "Collections$SynchronizedMap":  {fields: []string{"m"}, nested: true},
	ju + "Collections$SingletonMap":     {fields: []string{"k", "v"}},
	ju + "Collections$EmptyMap":         {},
	ju + "concurrent.ConcurrentHashMap": {owner: ju + "concurrent.ConcurrentHashMap", uncount: true},
}

// collSer is what the collections of List.of, Set.of and Map.of are written as: field tag, then a count and the elements.
const collSer = ju + "CollSer"

// Elements gives the elements of an object array, or of a list, set or queue of the JDK. ok is false for everything else.
func Elements(v Value) (elems []Value, ok bool) { return elements(v, 0) }

func elements(v Value, depth int) ([]Value, bool) {
	if depth > MaxDepth { // wrappers around each other
		return nil, false
	}
	if a, ok := Deref(v).(*Array); ok {
		return a.Elems, a.Data == nil
	}
	o := AsObject(v)
	if o == nil {
		return nil, false
	}
	if o.Class.Name == collSer {
		return immutable(o, func(tag int64) bool { return tag&0xFF != 3 })
	}
	c, ok := lists[o.Class.Name]
	if !ok {
		return nil, false
	}
	if !c.nested {
		return c.elements(o, 1)
	}
	inner := o.Get(c.fields[0])
	if entries, ok := entries(inner, depth+1); ok { // a set made of a map
		out := make([]Value, len(entries))
		for i, e := range entries {
			out[i] = e.Key
		}
		return out, true
	}
	return elements(inner, depth+1)
}

// Entries gives the entries of a map of the JDK. ok is false for everything else.
func Entries(v Value) (pairs []Pair, ok bool) { return entries(v, 0) }

func entries(v Value, depth int) ([]Pair, bool) {
	o := AsObject(v)
	if o == nil || depth > MaxDepth {
		return nil, false
	}
	var flat []Value
	if o.Class.Name == collSer {
		var ok bool
		if flat, ok = immutable(o, func(tag int64) bool { return tag&0xFF == 3 }); !ok {
			return nil, false
		}
	} else {
		c, ok := maps[o.Class.Name]
		if !ok {
			return nil, false
		}
		if c.nested {
			return entries(o.Get(c.fields[0]), depth+1)
		}
		if flat, ok = c.elements(o, 2); !ok {
			return nil, false
		}
	}
	out := make([]Pair, 0, len(flat)/2)
	for i := 0; i+1 < len(flat); i += 2 {
		out = append(out, Pair{flat[i], flat[i+1]})
	}
	return out, len(flat)%2 == 0
}

// elements gives what the collection o holds, each taking width objects.
func (c collection) elements(o *Object, width int) ([]Value, bool) {
	if c.owner == "" {
		out := make([]Value, 0, len(c.fields))
		for _, f := range c.fields {
			v, ok := o.Field(f)
			if !ok {
				return nil, false
			}
			out = append(out, v)
		}
		return out, true
	}
	d, ok := o.Annotations(c.owner)
	if !ok {
		return nil, false
	}
	for range c.objects {
		d.Object()
	}
	d.Bytes(c.skip)
	if !c.uncount {
		n := int(d.Int())
		return d.objects(n * width)
	}
	all, ok := d.objects(-1)
	if n := len(all); ok && n >= 2 && width == 2 && all[n-1] == nil && all[n-2] == nil {
		all = all[:n-2] // ConcurrentHashMap ends with two nulls
	}
	return all, ok
}

func immutable(o *Object, want func(tag int64) bool) ([]Value, bool) {
	d, ok := o.Annotations(collSer)
	if !ok || !want(o.Int("tag")) {
		return nil, false
	}
	return d.objects(int(d.Int()))
}
