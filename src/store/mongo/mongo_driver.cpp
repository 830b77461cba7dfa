#include "src/store/mongo/mongo_driver.hpp"

#include <algorithm>
#include <array>
#include <mutex>

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

using collection_owner = std::unique_ptr<mongoc_collection_t, decltype(&mongoc_collection_destroy)>;

void start_library() {
    static std::once_flag once;
    std::call_once(once, [] {
        mongoc_init();
        // Its own log goes to the standard output and may hold data; faults reach us as errors.
        mongoc_log_set_handler(nullptr, nullptr);
    });
}

/// Codes after which the command has done nothing and may do so later.
bool is_passing(std::int32_t code) {
    constexpr std::array passing{10107, 13435, 13436, 112, 24,  46,  43,
                                 63,    133,   136,   251, 246, 267, 117};
    return std::find(passing.begin(), passing.end(), code) != passing.end();
}

/// Codes by which a server or router ends a command it may have carried out: lost hosts, shutdown,
/// change of the primary.
bool is_interruption(std::int32_t code) {
    constexpr std::array interruptions{6,   7,   64,   89,    91,    134,  189,
                                       202, 262, 9001, 11600, 11601, 11602};
    return std::find(interruptions.begin(), interruptions.end(), code) != interruptions.end();
}

error unconfirmed(private_note note) {
    return error{errc::deadline_exceeded, "Store has not confirmed the write"}
        .with_note(std::move(note))
        .with_request_sent(sent_state::maybe);
}

error error_of_code(command_kind kind, std::int32_t code, std::string const& message) {
    private_note note{"server code " + std::to_string(code)};
    switch (code) {
        case duplicate_code:
        case 11001:
        case 12582:
            return error{errc::conflict, "Key is taken"}.with_reason("duplicate_key");
        case 257:  // TransactionTooLarge
            return error{errc::too_large, "Batch is over 16 MiB"};
        case 10334:  // BSONObjectTooLarge
        case 17419:
        case 17420:
            return error{errc::too_large, "Document is over 16 MiB"};
        case 50:  // MaxTimeMSExpired
            return error{errc::deadline_exceeded, "Store is too slow"}.with_note(std::move(note));
        case 8000:
        case 18:
        case 13:
            return error{errc::unavailable, "Store refuses the credentials"}.with_note(
                std::move(note));
        default:
            break;
    }
    if (is_interruption(code) && kind == command_kind::write) return unconfirmed(std::move(note));
    if (is_passing(code) || is_interruption(code) ||
        message.find("not master") != std::string::npos ||
        message.find("not primary") != std::string::npos)
        return error{errc::unavailable, "Store is not available"}.with_note(std::move(note));
    note.text += ": " + message.substr(0, message.find('{'));
    return error{errc::internal, "Store refused a command"}.with_note(std::move(note));
}

error error_of_connection(command_kind kind, bson_error_t const& failed) {
    private_note note{std::string("driver: ") + failed.message};
    if (failed.domain == MONGOC_ERROR_CLIENT && failed.code == MONGOC_ERROR_CLIENT_AUTHENTICATE)
        return error{errc::unavailable, "Store refuses the credentials"};
    if (failed.domain == MONGOC_ERROR_BSON)
        return error{errc::too_large, "Document is over 16 MiB"}.with_note(std::move(note));
    bool const sent =
        failed.domain == MONGOC_ERROR_STREAM || failed.domain == MONGOC_ERROR_PROTOCOL;
    if (sent && kind == command_kind::write)
        return error{errc::deadline_exceeded, "Store did not answer"}
            .with_note(std::move(note))
            .with_request_sent(sent_state::maybe);
    return error{errc::unavailable, "Store is not available"}.with_note(std::move(note));
}

std::string names_of(bson_document const& pattern) {
    std::string names;
    for_each_element(pattern, [&](bson_iter_t& at) {
        names += (names.empty() ? "" : ",") + std::string(bson_iter_key(&at));
    });
    return names;
}

// Did an attempt of this thread's command end so that it may have been carried out? The driver
// sends writes once more and tells of the last attempt alone.
thread_local bool may_have_happened = false;

void note_failed(mongoc_apm_command_failed_t const* attempt) {
    bson_error_t failed{};
    mongoc_apm_command_failed_get_error(attempt, &failed);
    auto const told = fault_of(command_kind::write, nullptr, failed);
    if (told.cause.code() == errc::deadline_exceeded) may_have_happened = true;
}

void note_answered(mongoc_apm_command_succeeded_t const* attempt) {
    auto const* const reply = mongoc_apm_command_succeeded_get_reply(attempt);
    if (bson_has_field(reply, "writeConcernError")) may_have_happened = true;
}

void watch_attempts(mongoc_client_pool_t* pool) {
    auto* const told = mongoc_apm_callbacks_new();
    mongoc_apm_set_command_failed_cb(told, note_failed);
    mongoc_apm_set_command_succeeded_cb(told, note_answered);
    mongoc_client_pool_set_apm_callbacks(pool, told, nullptr);
    mongoc_apm_callbacks_destroy(told);
}

/// The last attempt did nothing, but one before it may have.
command_fault of_all_attempts(command_fault last) {
    if (may_have_happened && last.cause.code() == errc::unavailable)
        last.cause = unconfirmed({last.cause.note()});
    return last;
}

/// Faults told inside an answer that is well otherwise.
std::optional<command_fault> fault_inside(command_kind kind, bson_document const& reply) {
    for (std::string const place : {"writeErrors.0.", "writeConcernError."}) {
        if (!reply.has(place + "code")) continue;
        command_fault made;
        made.server_code = static_cast<std::int32_t>(reply.int_at(place + "code"));
        made.message = reply.text_at(place + "errmsg");
        // A write concern that failed: done here, not yet at the others.
        made.cause = place == "writeConcernError."
                         ? unconfirmed({"server code " + std::to_string(made.server_code)})
                         : error_of_code(kind, made.server_code, made.message);
        made.key_pattern = names_of(reply.at(place + "keyPattern"));
        made.transient = mongoc_error_has_label(reply.get(), "TransientTransactionError");
        made.unknown_commit = mongoc_error_has_label(reply.get(), "UnknownTransactionCommitResult");
        return made;
    }
    return std::nullopt;
}

}  // namespace

void throw_exception_from_error(command_fault const& fault, boost::source_location const&) {
    throw bad_result(fault.cause);
}

command_fault fault_of(command_kind kind, bson_t const* reply, bson_error_t const& failed) {
    command_fault made;
    if (reply != nullptr) {
        bson_document const told(reply);
        made.key_pattern = names_of(told.at("keyPattern"));
        made.transient = mongoc_error_has_label(reply, "TransientTransactionError");
        made.unknown_commit = mongoc_error_has_label(reply, "UnknownTransactionCommitResult");
    }
    made.message = failed.message;
    if (failed.domain == MONGOC_ERROR_SERVER) {
        made.server_code = static_cast<std::int32_t>(failed.code);
        made.cause = error_of_code(kind, made.server_code, made.message);
    } else if (failed.domain == MONGOC_ERROR_WRITE_CONCERN) {
        made.server_code = static_cast<std::int32_t>(failed.code);
        made.cause = unconfirmed({"server code " + std::to_string(failed.code)});
    } else {
        made.cause = error_of_connection(kind, failed);
    }
    return made;
}

command_result<bson_document> mongo_client::run(command_kind kind, bson_document const& command,
                                                mongoc_client_session_t* session,
                                                std::uint32_t server) {
    if (kind == command_kind::read || session != nullptr)
        return send(kind, command, session, server);
    may_have_happened = false;
    auto written = write_single(command);
    auto answered = written ? *std::move(written) : send(kind, command, session, server);
    if (!answered) return of_all_attempts(std::move(answered).error());
    return answered;
}

command_result<bson_document> mongo_client::send(command_kind kind, bson_document const& command,
                                                 mongoc_client_session_t* session,
                                                 std::uint32_t server) {
    bson_t reply;
    bson_error_t failed{};
    bson_document options;
    if (server != 0) options.add("serverId", static_cast<int>(server));
    if (session != nullptr && !mongoc_client_session_append(session, options.get(), &failed))
        return fault_of(kind, nullptr, failed);
    bool const done =
        kind == command_kind::write
            ? mongoc_client_write_command_with_opts(client_, database_.c_str(), command.get(),
                                                    options.get(), &reply, &failed)
            : mongoc_client_read_command_with_opts(client_, database_.c_str(), command.get(),
                                                   nullptr, options.get(), &reply, &failed);
    bson_document told(&reply);
    bson_destroy(&reply);
    if (!done && failed.domain == MONGOC_ERROR_SERVER) {
        if (auto inside = fault_inside(kind, told)) return *std::move(inside);
    }
    if (!done) return fault_of(kind, told.get(), failed);
    if (auto inside = fault_inside(kind, told)) return *std::move(inside);
    return told;
}

std::optional<command_result<bson_document>> mongo_client::write_single(
    bson_document const& command) {
    bson_document options;
    options.add("validate", false);
    bson_t told;
    bson_error_t failed{};
    bool done = false;
    auto const word = command.first_name();
    auto const into = [&] {
        return collection_owner(
            mongoc_client_get_collection(client_, database_.c_str(), command.text_at(word).c_str()),
            &mongoc_collection_destroy);
    };
    if (word == "insert" && !command.has("documents.1")) {
        auto const document = command.at("documents.0");
        done = mongoc_collection_insert_one(into().get(), document.get(), options.get(), &told,
                                            &failed);
    } else if (word == "update" && !command.truth_at("updates.0.multi")) {
        auto const change = command.at("updates.0.u");
        bool const replaces = !change.first_name().starts_with('$');
        options.add("upsert", command.truth_at("updates.0.upsert"));
        auto* const run = replaces ? &mongoc_collection_replace_one : &mongoc_collection_update_one;
        done = run(into().get(), command.at("updates.0.q").get(), change.get(), options.get(),
                   &told, &failed);
    } else if (word == "delete" && command.int_at("deletes.0.limit") == 1) {
        options = {};
        done = mongoc_collection_delete_one(into().get(), command.at("deletes.0.q").get(),
                                            options.get(), &told, &failed);
    } else {
        return std::nullopt;
    }
    bson_document const reply(&told);
    bson_destroy(&told);
    if (!done) {
        if (failed.domain == MONGOC_ERROR_SERVER)
            if (auto inside = fault_inside(command_kind::write, reply)) return *std::move(inside);
        return fault_of(command_kind::write, reply.get(), failed);
    }
    // As the command itself would have answered.
    auto const changed = reply.int_at("insertedCount") + reply.int_at("matchedCount") +
                         reply.int_at("deletedCount") + reply.int_at("upsertedCount");
    return bson_document().add("n", changed).add("nModified", reply.int_at("modifiedCount"));
}

command_result<std::uint32_t> mongo_client::router() {
    bson_error_t failed{};
    std::unique_ptr<mongoc_server_description_t, decltype(&mongoc_server_description_destroy)> const
        server(mongoc_client_select_server(client_, false, nullptr, &failed),
               &mongoc_server_description_destroy);
    if (!server) return fault_of(command_kind::read, nullptr, failed);
    std::string_view const type = mongoc_server_description_type(server.get());
    return type == "Mongos" ? mongoc_server_description_id(server.get()) : std::uint32_t{0};
}

mongoc_cursor_t* mongo_client::open_cursor(bson_document& reply, mongoc_client_session_t* session,
                                           std::uint32_t server) {
    bson_document options;
    options.add("batchSize", list_portion);
    if (server != 0) options.add("serverId", static_cast<int>(server));
    bson_error_t failed;
    if (session != nullptr) (void)mongoc_client_session_append(session, options.get(), &failed);
    // The cursor takes the answer over and destroys it.
    auto* given = bson_copy(reply.get());
    auto* cursor = mongoc_cursor_new_from_command_reply_with_opts(client_, given, options.get());
    return cursor;
}

result<std::unique_ptr<mongo_driver>> mongo_driver::create(driver_settings const& settings) {
    start_library();
    bson_error_t failed;
    std::unique_ptr<mongoc_uri_t, decltype(&mongoc_uri_destroy)> const uri(
        mongoc_uri_new_with_error(settings.url.c_str(), &failed), &mongoc_uri_destroy);
    if (!uri) return error{errc::invalid, "is no MongoDB URL the driver can read"};
    auto const* named = mongoc_uri_get_database(uri.get());
    std::string database = settings.database;
    if (database.empty()) database = named == nullptr ? "cxb" : named;
    auto const set = [&](char const* option, std::int64_t value) {
        mongoc_uri_set_option_as_int32(uri.get(), option, static_cast<std::int32_t>(value));
    };
    set(MONGOC_URI_MAXPOOLSIZE, settings.connections);
    set(MONGOC_URI_SERVERSELECTIONTIMEOUTMS, settings.selection_timeout.count());
    set(MONGOC_URI_CONNECTTIMEOUTMS, settings.connect_timeout.count());
    set(MONGOC_URI_SOCKETTIMEOUTMS, settings.socket_timeout.count());
    mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_RETRYWRITES, true);
    mongoc_uri_set_option_as_bool(uri.get(), MONGOC_URI_RETRYREADS, true);
    if (mongoc_uri_get_appname(uri.get()) == nullptr) mongoc_uri_set_appname(uri.get(), "cxb");
    std::unique_ptr<mongoc_write_concern_t, decltype(&mongoc_write_concern_destroy)> const safe(
        mongoc_write_concern_new(), &mongoc_write_concern_destroy);
    mongoc_write_concern_set_wmajority(safe.get(), 0);
    mongoc_write_concern_set_journal(safe.get(), true);
    mongoc_uri_set_write_concern(uri.get(), safe.get());
    // A URL may ask for reads of secondaries, which would not see what was just acknowledged.
    std::unique_ptr<mongoc_read_prefs_t, decltype(&mongoc_read_prefs_destroy)> const primary(
        mongoc_read_prefs_new(MONGOC_READ_PRIMARY), &mongoc_read_prefs_destroy);
    mongoc_uri_set_read_prefs_t(uri.get(), primary.get());
    auto* const pool = mongoc_client_pool_new(uri.get());
    if (pool == nullptr) return error{errc::invalid, "is no MongoDB URL the driver can use"};
    mongoc_client_pool_set_error_api(pool, MONGOC_ERROR_API_VERSION_2);
    watch_attempts(pool);
    return std::unique_ptr<mongo_driver>(new mongo_driver(pool, std::move(database)));
}

mongo_driver::~mongo_driver() {
    mongoc_client_pool_destroy(pool_);
}

mongo_client mongo_driver::take() {
    return {pool_, mongoc_client_pool_pop(pool_), database_};
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
