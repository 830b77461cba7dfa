#include "server/api/settings/settings_blocks.hpp"

#include <algorithm>
#include <map>

#include "cxb/domain/secret_box.hpp"
#include "server/api/settings/settings_document.hpp"

namespace cxb::api {
namespace {

using wire::json_object;
using wire::json_value;
using wire::detail::row_data;
using wire::detail::value_kind;

wire::object_table const& root_table() {
    return wire_table(wire::tag<settings_document>{});
}

bool is_called(row_data const& row, std::string_view name) noexcept {
    auto const end = row.aliases.begin() + static_cast<std::ptrdiff_t>(row.alias_count);
    return row.name == name || std::find(row.aliases.begin(), end, name) != end;
}

row_data const* row_named(wire::object_table const& table, std::string_view name) noexcept {
    auto const rows = table.rows();
    auto const at = std::find_if(rows.begin(), rows.end(), [&](wire::field_row const& row) {
        return is_called(row.data(), name);
    });
    return at == rows.end() ? nullptr : &at->data();
}

bool has_kind(row_data const& row, value_kind kind) noexcept {
    return row.ops->value != nullptr && row.ops->value->kind == kind;
}

// An object whose absent members mean "as it was". An optional one is given whole or not at all.
bool merges(row_data const& row) noexcept {
    return has_kind(row, value_kind::record) && !row.ops->may_be_absent;
}

// Entries with names of the user's choice: those that are sent are set or removed one by one.
bool is_named_list(row_data const& row) noexcept {
    return has_kind(row, value_kind::map) || (has_kind(row, value_kind::raw) && row.object_only);
}

bool removes(row_data const& row, json_value const& entry) {
    if (entry.is_null()) return true;
    return has_kind(row, value_kind::map) && entry.is_string() && entry.as_string().empty();
}

// What the entries of a list of objects are, where the table of the document does not say.
wire::object_table const* entries_of(row_data const& row) {
    return row.name == "providers" ? &wire_table(wire::tag<provider_entry>{}) : nullptr;
}

json_object const* object_at(json_object const& from, std::string_view name) noexcept {
    auto const* value = from.if_contains(name);
    return value == nullptr ? nullptr : value->if_object();
}

json_object& object_in(json_object& to, std::string_view name) {
    auto& value = to[name];
    return value.is_object() ? value.as_object() : value.emplace_object();
}

// Reads one body; knows how pointers into the document are said as pointers into the body.
class body_reader {
  public:
    body_reader(settings_block const& block, json_object const& stored)
        : block_(block), stored_(stored) {}

    json_object read(json_object const& sent) {
        json_object whole;
        auto const* wrapped = sent.size() == 1 ? object_at(sent, block_.member) : nullptr;
        wrapped_ = block_.whole && wrapped != nullptr;
        if (block_.whole)
            whole[block_.member] = wrapped_ ? *wrapped : sent;
        else
            whole = sent;
        return canonical(root_table(), whole, &stored_, "");
    }

    void add(std::string pointer, std::string reason) {
        for (auto const& [canonical, given] : renamed_)
            if (pointer == canonical || pointer.starts_with(canonical + "/"))
                pointer = given + pointer.substr(canonical.size());
        std::string const own = "/" + std::string(block_.member);
        bool const inside = pointer == own || pointer.starts_with(own + "/");
        if (block_.whole && !wrapped_ && inside) pointer.erase(0, own.size());
        auto const known =
            std::ranges::any_of(faults_, [&](fault const& one) { return one.pointer == pointer; });
        if (!known) faults_.push_back({std::move(pointer), std::move(reason)});
    }
    void add(error const& cause) {
        for (auto const& one : cause.faults())
            add(one.pointer, one.reason);
        if (cause.faults().empty()) add("", cause.detail());
    }
    [[nodiscard]] result<void> finish() && {
        if (faults_.empty()) return {};
        return invalid_document(std::move(faults_));
    }

  private:
    // With the names of the table. What no table knows may only repeat what is stored.
    json_object canonical(wire::object_table const& table, json_object const& sent,
                          json_object const* stored, std::string const& at) {
        json_object out;
        for (auto const& [name, value] : sent) {
            auto const here = wire::append_pointer(at, name);
            auto const* row = row_named(table, name);
            bool const foreign =
                at.empty() && !block_.whole && row != nullptr && row->name != block_.member;
            if (row == nullptr || foreign) {
                auto const* kept = stored != nullptr ? stored->if_contains(name) : nullptr;
                if (foreign || kept == nullptr || *kept != value) add(here, "unknown member");
                continue;
            }
            if (name != row->name && renames(sent, *row, name, value, at)) continue;
            auto const* inner = value.if_object();
            auto const* kept = stored != nullptr ? object_at(*stored, row->name) : nullptr;
            auto const below = wire::append_pointer(at, row->name);
            if (has_kind(*row, value_kind::record) && inner != nullptr)
                out[row->name] = canonical(row->ops->value->table(), *inner, kept, below);
            else
                out[row->name] = value;
            if (auto const* const table = entries_of(*row); table != nullptr && inner != nullptr)
                check_entries(*table, *inner, kept, below);
        }
        return out;
    }

    void check_entries(wire::object_table const& table, json_object const& sent,
                       json_object const* stored, std::string const& at) {
        for (auto const& [name, entry] : sent)
            if (auto const* const members = entry.if_object())
                canonical(table, *members, stored != nullptr ? object_at(*stored, name) : nullptr,
                          wire::append_pointer(at, name));
    }

    // True when the member's own name is there too and says it all.
    bool renames(json_object const& sent, row_data const& row, std::string_view name,
                 json_value const& value, std::string const& at) {
        auto const* own = sent.if_contains(row.name);
        if (own == nullptr) {
            renamed_[wire::append_pointer(at, row.name)] = wire::append_pointer(at, name);
            return false;
        }
        if (*own != value)
            add(wire::append_pointer(at, name), "differs from " + std::string(row.name));
        return true;
    }

    settings_block const& block_;
    json_object const& stored_;
    bool wrapped_ = false;
    std::map<std::string, std::string> renamed_;
    std::vector<fault> faults_;
};

void merge_record(wire::object_table const& table, json_object& into, json_object const& sent) {
    for (auto const& [name, value] : sent) {
        auto const& row = *row_named(table, name);
        auto const* inner = value.if_object();
        if (inner != nullptr && merges(row)) {
            merge_record(row.ops->value->table(), object_in(into, name), *inner);
        } else if (inner != nullptr && is_named_list(row)) {
            auto& entries = object_in(into, name);
            for (auto const& [entry, given] : *inner) {
                if (removes(row, given))
                    entries.erase(entry);
                else
                    entries[entry] = given;
            }
        } else {
            for (auto const& alias : row.aliases)
                into.erase(alias);
            into[name] = value;
        }
    }
}

// URLs that people typed pass the guard when they are saved (spec 20 §3.4).
void check_urls(json_value const& value, std::string const& at, domain::guard_policy const& guard,
                body_reader& body) {
    auto const* object = value.if_object();
    if (object == nullptr) return;
    for (auto const& [name, member] : *object) {
        auto const here = wire::append_pointer(at, name);
        if (name != "base_url" || !member.is_string()) {
            check_urls(member, here, guard, body);
        } else if (auto const good = domain::check_url(guard, member.as_string()); !good) {
            body.add(here, "refused by the outbound guard: " + std::string(good.error().reason()));
        }
    }
}

// Keys go into headers, where such a key could never be sent. An account is a JSON text.
bool fits_a_header(std::string_view text) {
    auto const is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    };
    return std::ranges::none_of(text, is_control) || wire::parse_json(text);
}

// Sealed ones: without a key they could not be told from a sealed secret later (spec 20 §3.5).
void check_secrets(json_value const& value, std::vector<std::string_view>& path,
                   body_reader& body) {
    auto const* object = value.if_object();
    if (object == nullptr) return;
    for (auto const& [name, member] : *object) {
        path.push_back(name);
        check_secrets(member, path, body);
        if (member.is_string() && settings_secrets(path)) {
            std::string_view const text = member.as_string();
            std::string at;
            for (auto const step : path)
                at = wire::append_pointer(at, step);
            if (domain::looks_sealed(text))
                body.add(at, "must not begin with " + std::string(domain::sealed_prefix));
            if (!fits_a_header(text)) body.add(at, "must not hold control characters");
        }
        path.pop_back();
    }
}

// Members that are brought within the bounds of their row instead of being refused.
constexpr std::string_view clamped_paths[][3] = {{"dialler", "amd", "total_analysis_ms"}};

void clamp(json_object& document, std::span<std::string_view const> path) {
    auto const* table = &root_table();
    json_object* at = &document;
    for (auto const step : path.first(path.size() - 1)) {
        table = &row_named(*table, step)->ops->value->table();
        auto* const next = at->if_contains(step);
        if (next == nullptr || !next->is_object()) return;
        at = &next->as_object();
    }
    auto const& row = *row_named(*table, path.back());
    auto* const value = at->if_contains(path.back());
    if (value == nullptr || !value->is_number()) return;
    auto const number = value->to_number<double>();
    if (number < row.min) *value = static_cast<std::int64_t>(row.min);
    if (number > row.max) *value = static_cast<std::int64_t>(row.max);
}

void changes_below(json_value const& before, json_value const& after,
                   std::vector<std::string_view>& path, std::vector<audit_change>& out) {
    if (before == after) return;
    json_object const none;
    auto const* const old_object = before.if_object();
    auto const* const new_object = after.if_object();
    if (old_object != nullptr || new_object != nullptr) {
        auto const& was = old_object != nullptr ? *old_object : none;
        auto const& is = new_object != nullptr ? *new_object : none;
        auto const look = [&](std::string_view name) {
            auto const* const old_value = was.if_contains(name);
            auto const* const new_value = is.if_contains(name);
            path.push_back(name);
            changes_below(old_value != nullptr ? *old_value : nullptr,
                          new_value != nullptr ? *new_value : nullptr, path, out);
            path.pop_back();
        };
        for (auto const& member : was)
            look(member.key());
        for (auto const& member : is)
            if (!was.contains(member.key())) look(member.key());
        return;
    }
    std::string dotted;
    for (auto const step : path)
        dotted.append(dotted.empty() ? "" : ".").append(step);
    auto const shown = [secret = settings_secrets(path)](json_value const& value) {
        auto const* const text = value.if_string();
        return secret && text != nullptr && !text->empty() ? json_value("(secret)") : value;
    };
    out.push_back({std::move(dotted), shown(before), shown(after)});
}

}  // namespace

bool settings_secrets(domain::member_path path) noexcept {
    auto const* table = &root_table();
    for (std::size_t i = 0; i < path.size(); ++i) {
        auto const* row = row_named(*table, path[i]);
        if (row == nullptr) return false;
        std::size_t const rest = path.size() - i - 1;
        if (row->sensitivity == wire::sensitivity_kind::secret)
            return rest == (has_kind(*row, value_kind::map) ? 1U : 0U);
        if (!has_kind(*row, value_kind::record)) return false;
        table = &row->ops->value->table();
    }
    return false;
}

void tidy_settings(json_object& document) {
    // Other services that share the store may have written the list under its second name.
    auto const* const list = document.if_contains("cxbcore_fleet");
    bool const empty = list == nullptr || (list->is_array() && list->as_array().empty());
    if (auto const* other = document.if_contains("core_fleet");
        empty && other != nullptr && other->is_array())
        document["cxbcore_fleet"] = json_value(*other);
    document.erase("core_fleet");
    for (auto const& path : clamped_paths)
        clamp(document, path);
}

result<void> merge_block(json_object& document, settings_block const& block,
                         json_object const& sent, domain::guard_policy const& guard) {
    json_object stored = document;
    auto const id = stored.contains("_id") ? stored.at("_id") : json_value();
    stored.erase("_id");
    tidy_settings(stored);
    if (auto const known = parse_settings_document(json_value(stored)))
        stored = wire::to_object(*known);
    body_reader body(block, stored);
    json_object members = body.read(sent);
    auto unmasked =
        domain::apply_masked_document(json_value(members), json_value(stored), &settings_secrets);
    if (unmasked)
        members = std::move(unmasked->as_object());
    else
        body.add(unmasked.error());
    std::vector<std::string_view> path;
    check_secrets(json_value(members), path, body);
    if (!members.contains(block.member) && sent.empty())
        body.add("/" + std::string(block.member), "required member is missing");
    merge_record(root_table(), stored, members);
    tidy_settings(stored);
    auto const read = parse_settings_document(json_value(stored));
    if (!read) body.add(read.error());
    if (auto const* value = stored.if_contains(block.member))
        check_urls(*value, "/" + std::string(block.member), guard, body);
    CXB_CHECK(std::move(body).finish());
    document = wire::to_object(*read);
    if (!id.is_null()) document["_id"] = id;
    return {};
}

std::vector<audit_change> settings_changes(json_object const& before, json_object const& after) {
    std::vector<audit_change> out;
    std::vector<std::string_view> path;
    changes_below(json_value(before), json_value(after), path, out);
    return out;
}

std::string body_schema_of(settings_block const& block) {
    auto const& row = *row_named(root_table(), block.member);
    if (has_kind(row, value_kind::record)) return wire::schema_text(row.ops->value->table());
    auto const schema = wire::parse_json(settings_document_schema()).value();
    auto property = schema.at("properties").at(block.member).as_object();
    json_object out;
    if (!block.whole) {
        out = {{"type", "object"},
               {"properties", json_object{{block.member, std::move(property)}}},
               {"required", wire::json_array{json_value(block.member)}}};
    } else {
        out = std::move(property);
        if (block.member == "providers") {
            auto entry = wire::parse_json(provider_entry_schema()).value().as_object();
            entry.erase("$id");
            entry.erase("$schema");
            out["additionalProperties"] = std::move(entry);
        }
    }
    out["title"] = "settings_" + std::string(block.name);
    return wire::to_text(out);
}

}  // namespace cxb::api
