#include "src/store/sqlite/engine_error.hpp"

#include <sqlite3.h>

#include <stdexcept>
#include <string_view>
#include <utility>

namespace cxb::inline v1 {
namespace store::sqlite {

namespace {

/// `UNIQUE constraint failed: calls.bot_id, calls.version` -> `bot_id,version`.
std::string key_fields(std::string_view message) {
    std::string fields;
    auto const colon = message.find(": ");
    if (colon == std::string_view::npos) return fields;
    message.remove_prefix(colon + 2);
    while (!message.empty()) {
        auto const comma = message.find(", ");
        auto part = message.substr(0, comma);
        message.remove_prefix(comma == std::string_view::npos ? message.size() : comma + 2);
        auto const dot = part.find('.');
        if (dot != std::string_view::npos) part.remove_prefix(dot + 1);
        if (!fields.empty()) fields += ',';
        fields += part == "id" ? "_id" : part;
    }
    return fields;
}

}  // namespace

error engine_error(int code, std::string message) {
    switch (code & 0xFF) {
        case SQLITE_CONSTRAINT:
            if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY)
                return error{errc::conflict, "Already exists"}
                    .with_reason("duplicate_key")
                    .with_pointer(key_fields(message));
            break;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return error{errc::corrupt_data, "Stored data is damaged"}.with_note(
                {std::move(message)});
        case SQLITE_TOOBIG:
            return error{errc::too_large, "Document is too large"}.with_note({std::move(message)});
        case SQLITE_INTERRUPT:
            return error{errc::deadline_exceeded, "Store took too long"}.with_note(
                {std::move(message)});
        case SQLITE_ERROR:
        case SQLITE_MISUSE:
        case SQLITE_RANGE:
        case SQLITE_MISMATCH:
            throw std::logic_error("sqlite: " + message);
        default:
            break;
    }
    bool const full = (code & 0xFF) == SQLITE_FULL;
    return error{errc::unavailable,
                 full ? "The disk of the store is full" : "Store is not available"}
        .with_reason("store_unavailable")
        .with_retry_after(std::chrono::seconds{1})
        .with_note({message + " (sqlite " + std::to_string(code) + ")"});
}

}  // namespace store::sqlite
}  // namespace cxb::inline v1
