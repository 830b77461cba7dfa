// JSON Schema 2020-12 from tables. Members that no row names stay allowed: receivers must survive
// growth. Lengths count characters there and bytes here, so the schema never refuses more.
#include <algorithm>
#include <cmath>

#include "cxb/wire/object_table.hpp"
#include "src/wire/json_text.hpp"

namespace cxb::inline v1 {
namespace wire {

namespace detail {
namespace {

class schema_writer {
  public:
    std::string document(object_table const& table) {
        out_ = R"({"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"urn:cxb:v1:)";
        out_ += table.name();
        out_ += "\",\"title\":";
        append_string(out_, table.name());
        object_body(table);
        if (!parts_.empty()) definitions();
        out_ += '}';
        return std::move(out_);
    }

  private:
    void key(std::string_view name) {
        if (out_.back() != '{') out_ += ',';
        append_string(out_, name);
        out_ += ':';
    }
    void text(std::string_view name, std::string_view value) {
        if (value.empty()) return;
        key(name);
        append_string(out_, value);
    }
    void bound(std::string_view name, double value) {
        if (!std::isfinite(value)) return;
        key(name);
        append_number(out_, value);
    }
    void count(std::string_view name, std::size_t value) {
        if (value != 0) bound(name, static_cast<double>(value));
    }
    void texts(std::string_view name, std::span<std::string_view const> values) {
        key(name);
        out_ += '[';
        for (auto const& value : values) {
            if (&value != values.data()) out_ += ',';
            append_string(out_, value);
        }
        out_ += ']';
    }

    // Parts found while parts are written come behind them.
    void definitions() {
        key("$defs");
        out_ += '{';
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            key(parts_[i]->name());
            out_ += '{';
            object_body(*parts_[i]);
            out_ += '}';
        }
        out_ += '}';
    }

    void object_body(object_table const& table) {
        text("description", table.spec().doc);
        text("type", "object");
        key("properties");
        out_ += '{';
        for (std::size_t i = 0; i < table.rows().size(); ++i)
            property(table.rows()[i].data(), table.fields()[i]);
        out_ += '}';
        if (table.required() == 0) return;
        key("required");
        out_ += '[';
        for (auto const& field : table.fields()) {
            if (field.presence != presence_kind::required) continue;
            if (out_.back() != '[') out_ += ',';
            append_string(out_, field.name);
        }
        out_ += ']';
    }

    void property(row_data const& row, field_info const& info) {
        key(row.name);
        out_ += '{';
        text("description", row.doc);
        nullable_ = info.null != null_rule::reject;
        if (auto const* const ops = row.ops->value; ops != nullptr) {
            if (row.from_text)
                value_or_text(row, *ops);
            else
                value(row, *ops);
        }
        bool const plain = info.record.empty() && !info.default_json.empty();
        if (plain) {
            key("default");
            out_ += info.default_json;
        }
        if (!row.deprecated_since.empty()) {
            key("deprecated");
            out_ += "true";
        }
        if (!info.aliases.empty()) texts("x-aliases", info.aliases);
        if (info.sensitivity == sensitivity_kind::personal) text("x-sensitivity", "personal");
        if (info.sensitivity == sensitivity_kind::secret) text("x-sensitivity", "secret");
        if (row.since != "1.0") text("x-since", row.since);
        text("x-writer", row.writer);
        text("x-reader", row.reader);
        out_ += '}';
    }

    // What a null means is said by the table: members that may be absent may also be null.
    void type(std::string_view word, std::string_view other = {}) {
        std::vector<std::string_view> words{word};
        if (!other.empty()) words.push_back(other);
        if (nullable_) words.push_back("null");
        if (words.size() == 1) return text("type", word);
        texts("type", words);
    }
    void known_words(std::span<std::string_view const> words) {
        texts("enum", words);
        if (!nullable_) return;
        out_.pop_back();
        out_ += ",null]";
    }
    // Flags and numbers that peers without types send as texts.
    void value_or_text(row_data const& row, value_ops const& ops) {
        key("anyOf");
        out_ += "[{";
        value(row, ops);
        out_ += R"(},{"type":"string"})";
        if (ops.kind == value_kind::boolean) out_ += R"(,{"enum":[0,1]})";
        out_ += ']';
    }

    void string_value(row_data const& row) {
        type("string", row.or_integer ? "integer" : "");
        count("minLength", row.min_bytes);
        count("maxLength", row.max_bytes);
        if (row.pattern != nullptr) text("pattern", row.pattern->regex);
        if (!row.words.empty()) known_words(row.words);
    }
    void number_value(row_data const& row, std::string_view word) {
        type(word);
        bound("minimum", row.min);
        bound("maximum", row.max);
    }
    void word_value(value_ops const& ops) {
        if (!ops.open) return known_words(ops.words);
        key("anyOf");
        out_ += "[{";
        known_words(ops.words);
        out_ += R"(},{"type":"string","minLength":1,"maxLength":64}])";
    }
    void record_value(object_table const& table) {
        if (std::find(parts_.begin(), parts_.end(), &table) == parts_.end())
            parts_.push_back(&table);
        auto const reference = "#/$defs/" + std::string(table.name());
        bool const bare = !table.spec().bare.empty();
        if (!bare && !nullable_) return text("$ref", reference);
        key("anyOf");
        out_ += "[{";
        text("$ref", reference);
        out_ += '}';
        if (bare) out_ += R"(,{"type":["string","number","boolean"]})";
        if (nullable_) out_ += R"(,{"type":"null"})";
        out_ += ']';
    }
    void list_value(row_data const& row, value_ops const& ops) {
        type("array");
        nullable_ = false;
        count("minItems", row.min_items);
        count("maxItems", row.max_items);
        key("items");
        out_ += '{';
        value(row, *ops.item);
        out_ += '}';
    }
    void map_value(row_data const& row) {
        type("object");
        nullable_ = false;
        count("minProperties", row.min_items);
        count("maxProperties", row.max_items);
        key("additionalProperties");
        out_ += '{';
        string_value(row);
        out_ += '}';
    }

    void value(row_data const& row, value_ops const& ops) {
        switch (ops.kind) {
            case value_kind::text:
            case value_kind::secret:
                return string_value(row);
            case value_kind::boolean:
                return type("boolean");
            case value_kind::integer:
                return number_value(row, row.as_seconds ? "number" : "integer");
            case value_kind::number:
                return number_value(row, "number");
            case value_kind::timestamp:
                type("string");
                return text("format", "date-time");
            case value_kind::raw:
                if (row.object_only) type("object");
                return;
            case value_kind::word:
                return word_value(ops);
            case value_kind::record:
                return record_value(ops.table());
            case value_kind::list:
                return list_value(row, ops);
            case value_kind::map:
                return map_value(row);
        }
    }

    std::string out_;
    std::vector<object_table const*> parts_;
    bool nullable_ = false;  ///< of the value that is written next
};

}  // namespace
}  // namespace detail

std::string schema_text(object_table const& table) {
    return detail::schema_writer().document(table);
}

}  // namespace wire
}  // namespace cxb::inline v1
