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
        auto const* const ops = row.ops->value;
        if (ops != nullptr && info.null == null_rule::keep) {
            key("anyOf");
            out_ += "[{";
            value(row, *ops);
            out_ += "},{\"type\":\"null\"}]";
        } else if (ops != nullptr) {
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

    void string_value(row_data const& row) {
        text("type", "string");
        count("minLength", row.min_bytes);
        count("maxLength", row.max_bytes);
        if (row.pattern != nullptr) text("pattern", row.pattern->regex);
        if (!row.words.empty()) texts("enum", row.words);
    }
    void number_value(row_data const& row, std::string_view type) {
        text("type", type);
        bound("minimum", row.min);
        bound("maximum", row.max);
    }
    void word_value(value_ops const& ops) {
        if (!ops.open) return texts("enum", ops.words);
        key("anyOf");
        out_ += "[{";
        texts("enum", ops.words);
        out_ += R"(},{"type":"string","minLength":1,"maxLength":64}])";
    }
    void record_value(object_table const& table) {
        if (std::find(parts_.begin(), parts_.end(), &table) == parts_.end())
            parts_.push_back(&table);
        auto const reference = "#/$defs/" + std::string(table.name());
        if (table.spec().bare.empty()) return text("$ref", reference);
        key("anyOf");
        out_ += "[{";
        text("$ref", reference);
        out_ += R"(},{"type":["string","number","boolean"]}])";
    }
    void list_value(row_data const& row, value_ops const& ops) {
        text("type", "array");
        count("minItems", row.min_items);
        count("maxItems", row.max_items);
        key("items");
        out_ += '{';
        value(row, *ops.item);
        out_ += '}';
    }
    void map_value(row_data const& row) {
        text("type", "object");
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
                return text("type", "boolean");
            case value_kind::integer:
                return number_value(row, row.as_seconds ? "number" : "integer");
            case value_kind::number:
                return number_value(row, "number");
            case value_kind::timestamp:
                text("type", "string");
                return text("format", "date-time");
            case value_kind::raw:
                if (row.object_only) text("type", "object");
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
};

}  // namespace
}  // namespace detail

std::string schema_text(object_table const& table) {
    return detail::schema_writer().document(table);
}

}  // namespace wire
}  // namespace cxb::inline v1
