import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.rocksdb.*;

/**
 * Makes the RocksDB directories of the tests, and dumps what RocksDB reads from a directory.
 *
 *   Maker make CASES LABEL OUT   every line "LABEL NAME SCRIPT [option=value ...]" of CASES becomes the directory OUT/NAME
 *   Maker dump DIR [lookups]     the content of DIR as JSON; with lookups, every key is also looked up through a Bloom filter
 *
 * One source for three versions of frocksdbjni: what not all of them have is called by reflection.
 */
public class Maker {
  static final WriteOptions NO_WAL;

  static {
    RocksDB.loadLibrary();
    NO_WAL = new WriteOptions().setDisableWAL(true);
  }

  public static void main(String[] args) throws Exception {
    if (args[0].equals("dump")) {
      dump(args[1], new PrintStream(System.out, false, "UTF-8"), args.length > 2);
      return;
    }
    for (String line : Files.readAllLines(Paths.get(args[1]))) {
      String[] w = line.trim().split("\\s+");
      if (w[0].equals(args[2])) {
        Map<String, String> options = new HashMap<>();
        for (String o : Arrays.asList(w).subList(3, w.length)) {
          options.put(o.split("=")[0], o.split("=")[1]);
        }
        make(Paths.get(args[3]), w[1], w[2], options);
      }
    }
  }

  // ---- options

  static void call(Object target, String name, Object value) throws Exception {
    for (Method m : target.getClass().getMethods()) {
      if (m.getName().equals(name) && m.getParameterCount() == 1) {
        Class<?> p = m.getParameterTypes()[0];
        if (p.isEnum() && value instanceof String) {
          @SuppressWarnings({"unchecked", "rawtypes"})
          Object e = Enum.valueOf((Class<Enum>) p, (String) value);
          m.invoke(target, e);
          return;
        }
        if (p.isPrimitive() || p.isInstance(value)) {
          m.invoke(target, value);
          return;
        }
      }
    }
    throw new IllegalArgumentException("no " + name + " in this version");
  }

  static BlockBasedTableConfig table(Map<String, String> o) throws Exception {
    BlockBasedTableConfig t = new BlockBasedTableConfig();
    t.setBlockSize(Integer.parseInt(o.getOrDefault("block", "512")));
    for (Map.Entry<String, String> e : o.entrySet()) {
      String v = e.getValue();
      switch (e.getKey()) {
        case "format": t.setFormatVersion(Integer.parseInt(v)); break;
        case "checksum": call(t, "setChecksumType", v); break;
        case "index": call(t, "setIndexType", v); break;
        case "data": call(t, "setDataBlockIndexType", v); break;
        case "indexrestart": call(t, "setIndexBlockRestartInterval", Integer.parseInt(v)); break;
        case "filter": filter(t, v); break;
        case "partitioned":
          call(t, "setPartitionFilters", true);
          call(t, "setMetadataBlockSize", 256L);
          break;
        default:
      }
    }
    return t;
  }

  static void filter(BlockBasedTableConfig t, String kind) throws Exception {
    Filter f = new BloomFilter(10, kind.equals("block"));
    try {
      call(t, "setFilterPolicy", f);
    } catch (IllegalArgumentException e) {
      call(t, "setFilter", f);
    }
  }

  static ColumnFamilyOptions family(Map<String, String> o) throws Exception {
    ColumnFamilyOptions c = new ColumnFamilyOptions();
    c.setMergeOperatorName("stringappendtest");
    c.setTableFormatConfig(table(o));
    c.setTargetFileSizeBase(Integer.parseInt(o.getOrDefault("file", "4500")));
    c.setDisableAutoCompactions(true);
    if (o.containsKey("compression")) {
      c.setCompressionType(CompressionType.valueOf(o.get("compression")));
    }
    if (o.containsKey("dict")) {
      CompressionOptions co = new CompressionOptions().setMaxDictBytes(2048);
      try {
        call(co, "setEnabled", true);
      } catch (IllegalArgumentException e) { // 5.17
      }
      if (o.get("dict").equals("trained")) {
        call(co, "setZStdMaxTrainBytes", 100 << 10);
      }
      c.setCompressionOptions(co);
      call(c, "setBottommostCompressionType", CompressionType.valueOf(o.get("compression")));
      call(c, "setBottommostCompressionOptions", co);
    }
    if (o.containsKey("prefix")) {
      c.useFixedLengthPrefixExtractor(Integer.parseInt(o.get("prefix")));
    }
    if (o.containsKey("style")) {
      c.setCompactionStyle(CompactionStyle.valueOf(o.get("style")));
    }
    return c;
  }

  // ---- content

  static final String[] STATES = {"val", "list", "größe", "gone"};

  static byte[] key(int i) {
    return String.format("\0%ckey-%04d", (char) (i % 7), i).getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] text(Random r, String what, int i) {
    StringBuilder b = new StringBuilder(what).append(i).append('-');
    for (int n = 6 + r.nextInt(6); n > 0; n--) {
      b.append("abcabcxyz".charAt(r.nextInt(9)));
    }
    return b.toString().getBytes(StandardCharsets.UTF_8);
  }

  static void make(Path out, String name, String script, Map<String, String> o) throws Exception {
    Path work = Files.createTempDirectory("maker");
    List<ColumnFamilyDescriptor> families = new ArrayList<>();
    families.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, family(o)));
    for (String s : STATES) {
      families.add(new ColumnFamilyDescriptor(s.getBytes(StandardCharsets.UTF_8), family(o)));
    }
    List<ColumnFamilyHandle> h = new ArrayList<>();
    DBOptions options = new DBOptions().setCreateIfMissing(true).setCreateMissingColumnFamilies(true);
    if (o.containsKey("atomic")) {
      call(options, "setAtomicFlush", true);
    }
    RocksDB db = RocksDB.open(options, work.resolve("db").toString(), families, h);
    Random r = new Random(7);
    Snapshot held = null;
    for (int round = 0; round < 3; round++) {
      fill(db, h, r, round, script);
      if (round == 0 && script.equals("ranges")) {
        held = db.getSnapshot(); // keeps what range deletions hide, so that they survive compactions
      }
      flush(db, h, o);
      if (script.equals("ingest")) {
        ingest(db, h.get(1), work, round, o);
      }
      if (round < 2 && !o.containsKey("l0")) {
        for (ColumnFamilyHandle f : h) {
          db.compactRange(f);
        }
      }
    }
    db.dropColumnFamily(h.get(4));
    Path dir = out.resolve(name);
    Checkpoint.create(db).createCheckpoint(dir.toString());
    clean(dir, work, o.containsKey("keepoptions"));
    if (held != null) {
      db.releaseSnapshot(held);
    }
    Path truth = out.resolve("truth-" + script + ".json");
    Path mine = work.resolve("truth.json");
    try (PrintStream p = new PrintStream(mine.toFile(), "UTF-8")) {
      dump(dir.toString(), p, false);
    }
    if (!Files.exists(truth)) {
      Files.copy(mine, truth);
    } else if (!Arrays.equals(Files.readAllBytes(truth), Files.readAllBytes(mine))) {
      throw new IllegalStateException(name + " does not read like the other cases of " + script);
    }
    for (Path p : list(dir)) {
      if (p.getFileName().toString().startsWith("LOG")) { // of reading it
        Files.delete(p);
      }
    }
    System.out.println(name);
  }

  static List<Path> list(Path dir) throws Exception {
    List<Path> all = new ArrayList<>();
    try (java.util.stream.Stream<Path> s = Files.list(dir)) {
      s.forEach(all::add);
    }
    return all;
  }

  /** Leaves OPTIONS out, or takes the name of the working directory out of it. */
  static void clean(Path dir, Path work, boolean keep) throws Exception {
    for (Path p : list(dir)) {
      if (!p.getFileName().toString().startsWith("OPTIONS")) {
        continue;
      }
      String text = new String(Files.readAllBytes(p), StandardCharsets.ISO_8859_1);
      Files.delete(p); // it may be a hard link
      if (keep) {
        Files.write(p, text.replace(work.toString(), "/rocksdb").getBytes(StandardCharsets.ISO_8859_1));
      }
    }
  }

  static void fill(RocksDB db, List<ColumnFamilyHandle> h, Random r, int round, String script) throws Exception {
    ColumnFamilyHandle val = h.get(1), list = h.get(2), size = h.get(3);
    for (int i = round * 40; i < 160 + round * 20; i++) {
      if (i % (round + 1) == 0) {
        db.put(val, NO_WAL, key(i), text(r, "v", i));
      }
      if (i % 11 == round) {
        db.delete(val, NO_WAL, key(i + 3));
      }
    }
    for (int n = 0; n < 2; n++) {
      for (int i = 0; i < 40; i++) {
        if (n == 1 && i % 13 == round) {
          db.delete(list, NO_WAL, key(i));
        }
        if (i % 17 == 5 && round == 1) {
          db.put(list, NO_WAL, key(i), text(r, "base", i));
        }
        db.merge(list, NO_WAL, key(i), text(r, "e", round * 2 + n));
      }
    }
    for (int i = 0; i < 60; i++) {
      if (round == 0) {
        db.put(size, NO_WAL, key(i), new byte[i % 5]);
      } else if (i % 6 == round && i < 40) {
        db.singleDelete(size, NO_WAL, key(i));
      }
    }
    db.put(h.get(4), NO_WAL, key(round), key(round));
    if (script.equals("ranges")) {
      db.deleteRange(val, NO_WAL, key(14 * round + 7), key(98 - 7 * round));
      db.deleteRange(val, NO_WAL, key(30 + round), key(58 + round));
      db.deleteRange(list, NO_WAL, key(3 + round * 7), key(24 + round));
      db.merge(list, NO_WAL, key(10), text(r, "after", round));
      db.put(val, NO_WAL, key(21 + 7 * round), text(r, "again", round));
    }
  }

  static void flush(RocksDB db, List<ColumnFamilyHandle> h, Map<String, String> o) throws Exception {
    FlushOptions wait = new FlushOptions().setWaitForFlush(true);
    if (o.containsKey("atomic")) {
      db.getClass().getMethod("flush", FlushOptions.class, List.class).invoke(db, wait, h);
      return;
    }
    for (ColumnFamilyHandle f : h) {
      db.flush(wait, f);
    }
  }

  static void ingest(RocksDB db, ColumnFamilyHandle f, Path work, int round, Map<String, String> o) throws Exception {
    Path file = work.resolve("in" + round + ".sst");
    Options options = new Options(new DBOptions(), family(o));
    try (SstFileWriter w = new SstFileWriter(new EnvOptions(), options)) {
      w.open(file.toString());
      for (int i = 5; i < 200; i += 21) {
        w.put(("\0\1ing-" + String.format("%04d", i)).getBytes(StandardCharsets.ISO_8859_1), ("round " + round).getBytes());
      }
      w.put(key(900), ("last " + round).getBytes());
      w.finish();
    }
    db.ingestExternalFile(f, Arrays.asList(file.toString()), new IngestExternalFileOptions());
  }

  // ---- truth

  static String hex(byte[] b) {
    StringBuilder s = new StringBuilder();
    for (byte x : b) {
      s.append(String.format("%02x", x));
    }
    return s.toString();
  }

  static String quote(byte[] name) {
    StringBuilder s = new StringBuilder("\"");
    for (char c : new String(name, StandardCharsets.UTF_8).toCharArray()) {
      s.append(c == '"' || c == '\\' ? "\\" + c : c < 0x20 ? String.format("\\u%04x", (int) c) : "" + c);
    }
    return s.append('"').toString();
  }

  static void dump(String dir, PrintStream out, boolean lookups) throws Exception {
    Map<String, String> o = new HashMap<>();
    if (lookups) {
      o.put("filter", "full");
    }
    List<byte[]> names = RocksDB.listColumnFamilies(new Options(), dir);
    List<ColumnFamilyDescriptor> families = new ArrayList<>();
    for (byte[] n : names) {
      families.add(new ColumnFamilyDescriptor(n, family(o)));
    }
    List<ColumnFamilyHandle> h = new ArrayList<>();
    try (RocksDB db = RocksDB.openReadOnly(new DBOptions(), dir, families, h)) {
      out.print("{\"latest_sequence\":" + db.getLatestSequenceNumber() + ",\"column_families\":{");
      String between = "\n";
      for (int i = 0; i < h.size(); i++) {
        out.print(between + quote(names.get(i)) + ":[");
        between = "\n,";
        rows(db, h.get(i), out, lookups);
        out.print("]");
        h.get(i).close();
      }
      out.println("}}");
      out.flush();
    }
  }

  static void rows(RocksDB db, ColumnFamilyHandle h, PrintStream out, boolean lookups) throws Exception {
    String between = "\n";
    try (RocksIterator it = db.newIterator(h, new ReadOptions().setVerifyChecksums(true))) {
      for (it.seekToFirst(); it.isValid(); it.next()) {
        out.print(between + "[\"" + hex(it.key()) + "\",\"" + hex(it.value()) + "\"]");
        between = "\n,";
        if (lookups && !Arrays.equals(db.get(h, it.key()), it.value())) {
          throw new IllegalStateException("a lookup of " + hex(it.key()) + " gives another value than the iterator");
        }
      }
      it.status();
    }
  }
}
