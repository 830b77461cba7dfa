import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DefaultQueryMatcher;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.backend.memory.index.MemoryUniqueIndex;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.channel.Channel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The MongoDB server of the tests: mongo-java-server in memory, and what it lacks for them.
 *
 * One command runs at a time and answers are copies, so single documents change atomically. Partial
 * unique indexes cover only their documents. With a replica set name it also plays the primary of a
 * set of one: transactions, one at a time, taken back on abort or when they do not end; another one
 * that starts meanwhile conflicts. A write that is sent again with its transaction number is
 * answered as before. Some answers are then faults a real primary gives now and then: a conflict, a
 * commit that was done but not confirmed. Named "mongos" it plays a router instead.
 *
 * Arguments: ready file (gets {"port": N}), and the replica set name or "mongos", if any.
 */
public class TestMongoServer {
    /** Covers only the documents that match its filter. */
    static class PartialUniqueIndex extends MemoryUniqueIndex {
        private final DefaultQueryMatcher matcher = new DefaultQueryMatcher();
        private final Document filter;
        private final Map<Object, Integer> others = new ConcurrentHashMap<>();  // by _id

        PartialUniqueIndex(String name, List<IndexKey> keys, Document filter) {
            super(name, keys, false);
            this.filter = filter;
        }

        private boolean covers(Document document) {
            return matcher.matches(document, filter);
        }

        @Override public void checkAdd(Document document, MongoCollection<Integer> in) {
            if (covers(document)) super.checkAdd(document, in);
        }

        @Override public void add(Document document, Integer position, MongoCollection<Integer> in) {
            if (covers(document)) super.add(document, position, in);
            else others.put(document.get("_id"), position);
        }

        /** Asked of every index, and never expected to know nothing. */
        @Override public Integer remove(Document document) {
            return covers(document) ? super.remove(document) : others.remove(document.get("_id"));
        }

        @Override public void checkUpdate(Document before, Document after,
                                          MongoCollection<Integer> in) {
            if (!covers(after)) return;
            if (covers(before)) super.checkUpdate(before, after, in);
            else super.checkAdd(after, in);
        }

        @Override public void updateInPlace(Document before, Document after, Integer position,
                                            MongoCollection<Integer> in) {
            remove(before);
            add(after, position, in);
        }

        @Override public boolean canHandle(Document query) {
            return false;
        }
    }

    static class Database extends MemoryDatabase {
        private Document described;

        Database(String name, CursorRegistry cursors) {
            super(name, cursors);
        }

        @Override protected void addIndex(Document description) {
            // The first index of a collection creates it, and with it another index.
            Document outer = described;
            described = description;
            super.addIndex(description);
            described = outer;
        }

        @Override protected Index<Integer> openOrCreateUniqueIndex(
                String collection, String name, List<IndexKey> keys, boolean sparse) {
            Document filter = described == null || !name.equals(described.get("name"))
                ? null : (Document) described.get("partialFilterExpression");
            if (filter == null)
                return super.openOrCreateUniqueIndex(collection, name, keys, sparse);
            return new PartialUniqueIndex(name, keys, filter);
        }
    }

    static class Backend extends MemoryBackend {
        private static final long LONGEST_WAIT_MS = 10_000;
        private static final long CONFLICT_AFTER_MS = 20;
        private static final long TRANSACTION_LIFE_MS = 1_500;
        private static final int ANSWERS_KEPT = 1_000;
        private static final int CONFLICT_EVERY = 7;
        private static final int UNCONFIRMED_EVERY = 11;
        private final String setName;
        private final Map<String, Database> databases = new ConcurrentHashMap<>();
        private Object active;  // the transaction that runs
        private final Map<Object, Object> finished = new LinkedHashMap<>();  // session: its last one
        private String database;  // of the transaction that runs
        private long started;
        private final Map<Object, Document> answers = new LinkedHashMap<>() {
            @Override protected boolean removeEldestEntry(Map.Entry<Object, Document> eldest) {
                return size() > ANSWERS_KEPT;
            }
        };
        private final Map<String, List<Document>> before = new LinkedHashMap<>();
        private int port;
        private int transactions;
        private boolean conflictIsDue;
        private int commits;

        Backend(String setName) {
            this.setName = setName;
        }

        @Override public Database openOrCreateDatabase(String name) {
            return databases.computeIfAbsent(name, n -> new Database(n, getCursorRegistry()));
        }

        /** Greetings come this way. */
        @Override public synchronized Document handleCommand(Channel channel, String database,
                                                             String command, Document query) {
            Document answer = super.handleCommand(channel, database, command, query);
            if (setName != null && answer.containsKey("ismaster")) addSet(answer);
            return answer;
        }

        @Override public synchronized Document handleMessage(MongoMessage message) {
            Document command = message.getDocument();
            String name = command.keySet().iterator().next();
            if (setName != null && !name.equalsIgnoreCase("ismaster")) {
                Document answer = transactional(message, command, name);
                if (answer != null) return answer;
            }
            boolean mayComeAgain = setName != null && command.containsKey("txnNumber")
                && !command.containsKey("autocommit");
            if (!mayComeAgain) return super.handleMessage(message).cloneDeeply();
            Object write = List.of(command.get("lsid"), command.get("txnNumber"));
            if (!answers.containsKey(write))
                answers.put(write, super.handleMessage(message).cloneDeeply());
            return answers.get(write);
        }

        /** The answer, when the command is none for the store itself. */
        private Document transactional(MongoMessage message, Document command, String name) {
            if (name.equals("endSessions")) return new Document("ok", 1.0);
            boolean inside = Boolean.FALSE.equals(command.get("autocommit"));
            if (!inside) {
                await(message, LONGEST_WAIT_MS);
                return null;
            }
            Object own = List.of(command.get("lsid"), command.get("txnNumber"));
            if (Boolean.TRUE.equals(command.get("startTransaction"))) {
                await(message, CONFLICT_AFTER_MS);
                if (active != null) return conflict();
                active = own;
                database = message.getDatabaseName();
                conflictIsDue = ++transactions % CONFLICT_EVERY == 0;
                started = System.currentTimeMillis();
            }
            if (name.equals("commitTransaction")) return commit(own, command);
            if (!own.equals(active))
                return fault(251, "NoSuchTransaction", "TransientTransactionError");
            if (name.equals("abortTransaction")) {
                takeBack(message);
                return new Document("ok", 1.0);
            }
            if (!name.equals("find") && !name.equals("aggregate") && !name.equals("getMore")) {
                if (conflictIsDue) {
                    takeBack(message);
                    return conflict();
                }
                remember(message, command.get(name).toString());
            }
            return null;
        }

        private Document commit(Object own, Document command) {
            if (own.equals(active)) {
                end();
                finished.put(command.get("lsid"), own);
                if (++commits % UNCONFIRMED_EVERY == 0)
                    return fault(50, "MaxTimeMSExpired", "UnknownTransactionCommitResult");
            } else if (!own.equals(finished.get(command.get("lsid")))) {
                return fault(251, "NoSuchTransaction", "TransientTransactionError");
            }
            return new Document("ok", 1.0);
        }

        private void end() {
            active = null;
            before.clear();
            notifyAll();
        }

        private void remember(MongoMessage message, String collection) {
            if (before.containsKey(collection)) return;
            Document answer = run(message, new Document("find", collection)
                .append("filter", new Document()).append("batchSize", Integer.MAX_VALUE));
            Document cursor = (Document) answer.get("cursor");
            @SuppressWarnings("unchecked")
            List<Document> documents = (List<Document>) cursor.get("firstBatch");
            before.put(collection, documents);
        }

        private void takeBack(MongoMessage message) {
            try {
                undo(message);
            } finally {
                end();
            }
        }

        private void undo(MongoMessage message) {
            for (Map.Entry<String, List<Document>> each : before.entrySet()) {
                run(message, new Document("delete", each.getKey()).append("deletes",
                    List.of(new Document("q", new Document()).append("limit", 0))));
                if (!each.getValue().isEmpty())
                    run(message, new Document("insert", each.getKey())
                        .append("documents", each.getValue()));
            }
        }

        /** In the database of the transaction, which its end does not name. */
        private Document run(MongoMessage message, Document command) {
            command.append("$db", database);
            Document answer = super.handleMessage(
                new MongoMessage(message.getChannel(), message.getHeader(), command)).cloneDeeply();
            if (answer.containsKey("writeErrors"))
                System.err.println("a transaction cannot be taken back: " + answer);
            return answer;
        }

        private void await(MongoMessage message, long longest) {
            long end = System.currentTimeMillis() + longest;
            try {
                for (long left = longest; active != null && left > 0;
                     left = end - System.currentTimeMillis()) {
                    long life = started + TRANSACTION_LIFE_MS - System.currentTimeMillis();
                    if (life > 0) wait(Math.min(left, life));
                    else takeBack(message);
                }
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }

        private static Document conflict() {
            return fault(112, "WriteConflict", "TransientTransactionError");
        }

        private static Document fault(int code, String name, String label) {
            return new Document("ok", 0.0).append("code", code).append("codeName", name)
                .append("errmsg", name).append("errorLabels", List.of(label));
        }

        private void addSet(Document hello) {
            hello.append("logicalSessionTimeoutMinutes", 30);
            if (setName.equals("mongos")) {
                hello.append("msg", "isdbgrid");
                return;
            }
            String self = "127.0.0.1:" + port;
            hello.append("setName", setName).append("setVersion", 1)
                .append("hosts", List.of(self)).append("me", self).append("primary", self)
                .append("secondary", false);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Backend backend = new Backend(arguments.length > 1 ? arguments[1] : null);
        MongoServer server = new MongoServer(backend);
        server.bind("127.0.0.1", 0);
        backend.port = server.getLocalAddress().getPort();
        // Whole or not at all: the test waits for this file.
        Path ready = Path.of(arguments[0]);
        Path draft = Path.of(arguments[0] + ".new");
        Files.writeString(draft, "{\"port\":" + backend.port + "}\n");
        Files.move(draft, ready, StandardCopyOption.ATOMIC_MOVE);
        // Ends with the test program that started it.
        ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().join());
        System.exit(0);
    }
}
