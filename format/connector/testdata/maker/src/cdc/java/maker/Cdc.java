package maker;

import io.debezium.relational.TableId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import org.apache.flink.cdc.connectors.mysql.source.assigners.AssignerStatus;
import org.apache.flink.cdc.connectors.mysql.source.assigners.state.BinlogPendingSplitsState;
import org.apache.flink.cdc.connectors.mysql.source.assigners.state.ChunkSplitterState;
import org.apache.flink.cdc.connectors.mysql.source.assigners.state.HybridPendingSplitsState;
import org.apache.flink.cdc.connectors.mysql.source.assigners.state.PendingSplitsStateSerializer;
import org.apache.flink.cdc.connectors.mysql.source.assigners.state.SnapshotPendingSplitsState;
import org.apache.flink.cdc.connectors.mysql.source.offset.BinlogOffset;
import org.apache.flink.cdc.connectors.mysql.source.split.FinishedSnapshotSplitInfo;
import org.apache.flink.cdc.connectors.mysql.source.split.MySqlBinlogSplit;
import org.apache.flink.cdc.connectors.mysql.source.split.MySqlSchemalessSnapshotSplit;
import org.apache.flink.cdc.connectors.mysql.source.split.MySqlSnapshotSplit;
import org.apache.flink.cdc.connectors.mysql.source.split.MySqlSplitSerializer;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.RowType;

/** What the MySQL change-data source keeps. */
public class Cdc implements Main.Part {
    @Override
    public void run() throws Exception {
        TableId table = TableId.parse("shop.orders");
        RowType key = RowType.of(new org.apache.flink.table.types.logical.LogicalType[] {new BigIntType(false)}, new String[] {"id"});
        BinlogOffset at = BinlogOffset.ofBinlogFilePosition("mysql-bin.000003", 154L);
        String atText = json(at);
        MySqlSnapshotSplit chunk = new MySqlSnapshotSplit(table, "shop.orders:1", key, new Object[] {10L}, new Object[] {20L}, null, new HashMap<>());
        Main.versioned("cdc chunk", "split", "MySQL CDC", MySqlSplitSerializer.INSTANCE, chunk,
                "{\"chunk\":{\"table\":\"`shop`.`orders`\",\"id\":\"shop.orders:1\",\"keyType\":\"ROW<`id` BIGINT NOT NULL>\",\"start\":[10],\"end\":[20],"
                        + "\"highWatermark\":null}}");
        MySqlBinlogSplit binlog = new MySqlBinlogSplit("binlog-split", at, BinlogOffset.ofNonStopping(),
                Collections.singletonList(new FinishedSnapshotSplitInfo(table, "shop.orders:0", null, new Object[] {10L}, at)), new HashMap<>(), 1, true);
        Main.versioned("cdc binlog", "split", "MySQL CDC", MySqlSplitSerializer.INSTANCE, binlog,
                "{\"binlog\":{\"id\":\"binlog-split\",\"offset\":" + atText + ",\"endingOffset\":" + json(BinlogOffset.ofNonStopping())
                        + ",\"finishedChunks\":[{\"table\":\"shop.orders\",\"id\":\"shop.orders:0\",\"start\":null,\"end\":[10],\"highWatermark\":"
                        + atText + "}],\"totalFinishedChunks\":1,\"suspended\":true}}");
        MySqlSchemalessSnapshotSplit left = new MySqlSchemalessSnapshotSplit(table, "shop.orders:2", key, new Object[] {20L}, null, null);
        LinkedHashMap<String, MySqlSchemalessSnapshotSplit> assigned = new LinkedHashMap<>();
        assigned.put("shop.orders:1", new MySqlSchemalessSnapshotSplit(table, "shop.orders:1", key, new Object[] {10L}, new Object[] {20L}, null));
        SnapshotPendingSplitsState chunks = new SnapshotPendingSplitsState(Arrays.asList(table), new ArrayList<>(Arrays.asList(left)), assigned,
                new HashMap<>(), new HashMap<>(Collections.singletonMap("shop.orders:0", at)), AssignerStatus.INITIAL_ASSIGNING,
                Arrays.asList(TableId.parse("shop.items")), true, true,
                new ChunkSplitterState(table, ChunkSplitterState.ChunkBound.middleOf(30L), 3));
        String left1 = "{\"chunk\":{\"table\":\"`shop`.`orders`\",\"id\":\"shop.orders:2\",\"keyType\":\"ROW<`id` BIGINT NOT NULL>\",\"start\":[20],\"end\":null,"
                + "\"highWatermark\":null}}";
        String assigned1 = "{\"id\":\"shop.orders:1\",\"split\":{\"chunk\":{\"table\":\"`shop`.`orders`\",\"id\":\"shop.orders:1\","
                + "\"keyType\":\"ROW<`id` BIGINT NOT NULL>\",\"start\":[10],\"end\":[20],\"highWatermark\":null}}}";
        String text = "{\"tablesDone\":[\"shop.orders\"],\"chunksLeft\":[" + left1 + "],\"chunksAssigned\":[" + assigned1
                + "],\"chunksFinished\":[{\"id\":\"shop.orders:0\",\"offset\":" + atText + "}],\"status\":" + AssignerStatus.INITIAL_ASSIGNING.getStatusCode()
                + ",\"tablesLeft\":[\"shop.items\"],\"caseSensitive\":true,\"cutting\":{\"table\":\"shop.orders\","
                + "\"nextStart\":[30],\"nextId\":3}}";
        PendingSplitsStateSerializer s = new PendingSplitsStateSerializer(MySqlSplitSerializer.INSTANCE);
        Main.versioned("cdc enumerator", "enumerator", "MySQL CDC", s, chunks, "{\"splitVersion\":4,\"form\":1,\"chunks\":" + text + "}");
        Main.versioned("cdc enumerator binlog", "enumerator", "MySQL CDC", s, new BinlogPendingSplitsState(true),
                "{\"splitVersion\":4,\"form\":2,\"binlogAssigned\":true}");
        chunks = new SnapshotPendingSplitsState(Arrays.asList(table), new ArrayList<>(Arrays.asList(left)), assigned, new HashMap<>(),
                new HashMap<>(Collections.singletonMap("shop.orders:0", at)), AssignerStatus.INITIAL_ASSIGNING, Arrays.asList(TableId.parse("shop.items")),
                true, true, new ChunkSplitterState(table, ChunkSplitterState.ChunkBound.middleOf(30L), 3));
        Main.versioned("cdc enumerator both", "enumerator", "MySQL CDC", s, new HybridPendingSplitsState(chunks, false),
                "{\"splitVersion\":4,\"form\":3,\"chunks\":" + text + ",\"binlogAssigned\":false}");
    }

    static String json(BinlogOffset o) throws Exception {
        return new com.fasterxml.jackson.databind.ObjectMapper().writeValueAsString(o.getOffset());
    }
}
