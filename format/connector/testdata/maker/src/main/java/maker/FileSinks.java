package maker;

import java.io.File;
import java.util.ArrayList;
import java.util.Collections;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.functions.sink.filesystem.InProgressFileWriter;
import org.apache.flink.streaming.api.functions.sink.filesystem.RowWiseBucketWriter;

/** What a file sink keeps: files are really written, below /tmp/tarn-connectors. */
class FileSinks {
    static final String DIR = "/tmp/tarn-connectors/b1";

    static String file(Object recoverable, String getter, boolean pending) throws Exception {
        Object local = Main.call(recoverable, getter);
        File target = (File) Main.call(local, "targetFile");
        File temp = (File) Main.call(local, "tempFile");
        long offset = (Long) Main.call(local, "offset");
        int bytes = 20 + target.getAbsolutePath().length() + temp.getAbsolutePath().length();
        boolean old = ((SimpleVersionedSerializer<?>) (pending ? pendingSerializer : openSerializer)).getVersion() == 1;
        String head = "{";
        if (!old) {
            head += "\"path\":\"" + Main.call(recoverable, "getPath") + "\",";
            if (pending) {
                head += "\"size\":" + Main.call(recoverable, "getSize") + ",";
            }
        }
        return head + "\"position\":{\"kind\":\"file\",\"connector\":\"local file system\",\"version\":1,\"bytes\":" + bytes
                + ",\"state\":{\"target\":\"" + target + "\",\"temporary\":\"" + temp + "\",\"offset\":" + offset + "}}}";
    }

    static Object openSerializer;
    static Object pendingSerializer;

    static void run() throws Exception {
        RowWiseBucketWriter<String, String> writer =
                new RowWiseBucketWriter<>(new LocalFileSystem().createRecoverableWriter(), new SimpleStringEncoder<>());
        openSerializer = writer.getProperties().getInProgressFileRecoverableSerializer();
        pendingSerializer = writer.getProperties().getPendingFileRecoverableSerializer();
        Path path = new Path("file:" + DIR + "/part-0");
        InProgressFileWriter<String, String> a = (InProgressFileWriter<String, String>) writer.openNewInProgressFile("b1", path, 1000L);
        a.write("hello", 1000L);
        InProgressFileWriter.InProgressFileRecoverable open = a.persist();
        String openText = file(open, "getResumeRecoverable", false);
        a.write("world!", 1001L);
        InProgressFileWriter.PendingFileRecoverable pending = a.closeForCommit();
        String pendingText = file(pending, "getCommitRecoverable", true);

        String pkg = "org.apache.flink.connector.file.sink.";
        Object buckets = Main.make(pkg + "writer.FileWriterBucketStateSerializer", openSerializer, pendingSerializer);
        Main.versioned("file bucket", "writer", "file sink", buckets, Main.make(pkg + "writer.FileWriterBucketState", "b1", new Path(DIR), 1000L, open),
                "{\"bucket\":\"b1\",\"path\":\"" + DIR + "\",\"created\":1000,\"inProgress\":" + openText + "}");
        Main.versioned("file bucket idle", "writer", "file sink", buckets,
                Main.make(pkg + "writer.FileWriterBucketState", "b1", new Path(DIR), Long.MAX_VALUE, null),
                "{\"bucket\":\"b1\",\"path\":\"" + DIR + "\",\"created\":" + Long.MAX_VALUE + "}");
        legacyBucket(open, pending, openText, pendingText);

        SimpleVersionedSerializer<?> s =
                (SimpleVersionedSerializer<?>) Main.make(pkg + "FileSinkCommittableSerializer", pendingSerializer, openSerializer);
        boolean old = s.getVersion() == 1;
        String cls = pkg + "FileSinkCommittable";
        Object one = old ? Main.make(cls, pending) : Main.make(cls, "b1", pending);
        Object two = old ? Main.make(cls, open) : Main.make(cls, "b1", open);
        String bucket = old ? "" : "\"bucket\":\"b1\",";
        String oneText = "{" + bucket + "\"pending\":" + pendingText + "}";
        Main.versioned("file committable", "committable", "file sink", s, one, oneText);
        Main.versioned("file committable cleanup", "committable", "file sink", s, two, "{" + bucket + "\"inProgressToRemove\":" + openText + "}");
        if (!old) {
            Main.versioned("file committable compacted", "committable", "file sink", s, Main.make(cls, "b1", new Path(DIR + "/old")),
                    "{\"bucket\":\"b1\",\"compactedToRemove\":\"" + DIR + "/old\"}");
        }
        String inner = "{\"kind\":\"committable\",\"connector\":\"file sink\",\"version\":" + s.getVersion() + ",\"bytes\":" + serialize(s, one)
                + ",\"state\":" + oneText + "}";
        try {
            collector(s, one, inner);
        } catch (ClassNotFoundException e) {
            oldCollector(s, one, inner);
        }
    }

    @SuppressWarnings("unchecked")
    static int serialize(SimpleVersionedSerializer<?> s, Object v) throws Exception {
        return ((SimpleVersionedSerializer<Object>) s).serialize(v).length;
    }

    /** The state of the older sink, whose serializer is BucketStateSerializer. */
    static void legacyBucket(Object open, Object pending, String openText, String pendingText) throws Exception {
        String pkg = "org.apache.flink.streaming.api.functions.sink.filesystem.";
        Class<?> strings = Class.forName(pkg + "bucketassigners.SimpleVersionedStringSerializer");
        Object s;
        try {
            s = Main.make(pkg + "BucketStateSerializer", openSerializer, pendingSerializer, strings.getField("INSTANCE").get(null));
        } catch (ClassNotFoundException e) {
            return;
        }
        Object state = Main.make(pkg + "BucketState", "b1", new Path(DIR), 1000L, open, Collections.singletonMap(7L, Collections.singletonList(pending)));
        Main.versioned("file bucket of the older sink", "writer", "file sink", s, state,
                "{\"bucket\":\"b1\",\"path\":\"" + DIR + "\",\"created\":1000,\"inProgress\":" + openText
                        + ",\"pending\":[{\"checkpoint\":7,\"files\":[" + pendingText + "]}]}");
    }

    static void collector(SimpleVersionedSerializer<?> s, Object one, String inner) throws Exception {
        String pkg = "org.apache.flink.streaming.runtime.operators.sink.committables.CommittableCollector";
        Class.forName(pkg);
        Object c = null;
        for (java.lang.reflect.Method m : Class.forName(pkg).getDeclaredMethods()) {
            if (m.getName().equals("of") && m.getParameterCount() == 1 && m.getParameterTypes()[0].getName().contains("MetricGroup")) {
                c = m.invoke(null, nothing(m.getParameterTypes()[0]));
            }
        }
        Object serializer;
        Object metrics = null;
        if (c != null) {
            metrics = nothing(Class.forName("org.apache.flink.metrics.groups.SinkCommitterMetricGroup"));
        }
        if (c == null) { // before Flink 1.19
            c = Main.make(pkg, 1, 2);
            serializer = Main.make(pkg + "Serializer", s, 1, 2);
        } else {
            serializer = Main.make(pkg + "Serializer", s, 1, 2, metrics);
        }
        String msg = "org.apache.flink.streaming.api.connector.sink2.Committable";
        Object summary;
        try {
            summary = Main.make(msg + "Summary", 1, 2, 9L, 1, 1, 0);
        } catch (NoSuchMethodException e) {
            summary = Main.make(msg + "Summary", 1, 2, 9L, 1, 0);
        }
        Main.call(c, "addMessage", summary);
        Main.call(c, "addMessage", Main.make(msg + "WithLineage", one, 9L, 1));
        String of = metrics == null ? "" : "\"numberOfSubtasks\":2,";
        String from = metrics == null ? "" : "\"subtask\":1,";
        Main.versioned("collector", "committer", "sink", serializer, c,
                "{\"checkpoints\":[{\"checkpoint\":9," + of + "\"subtasks\":[{" + from + "\"requests\":[{\"committable\":" + inner
                        + ",\"retries\":0,\"state\":0}],\"committables\":1,\"failed\":0}]}]}");
    }

    /** Something of an interface that does nothing. */
    static Object nothing(Class<?> type) {
        return java.lang.reflect.Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            Class<?> result = method.getReturnType();
            return result.isInterface() ? nothing(result) : result == long.class ? (Object) 0L : null;
        });
    }

    static void oldCollector(SimpleVersionedSerializer<?> s, Object one, String inner) throws Exception {
        String pkg = "org.apache.flink.streaming.runtime.operators.sink.StreamingCommitterState";
        Main.versioned("collector", "committer", "sink", Main.make(pkg + "Serializer", s), Main.make(pkg, new ArrayList<>(Collections.singletonList(one))),
                "{\"committables\":[" + inner + "]}");
    }
}
