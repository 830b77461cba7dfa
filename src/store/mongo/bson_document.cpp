// Documents of the driver; the other half of mongo_driver.hpp.
#include <stdexcept>

#include "src/store/mongo/mongo_driver.hpp"

namespace cxb::inline v1 {
namespace store::mongo {

namespace {

int length_of(std::string_view text) {
    return static_cast<int>(text.size());
}

void require(bool done) {
    if (!done) throw std::length_error("a BSON document cannot grow any more");
}

}  // namespace

bson_document& bson_document::add(std::string_view key, std::string_view text) {
    require(bson_append_utf8(raw_, key.data(), length_of(key), text.data(), length_of(text)));
    return *this;
}
bson_document& bson_document::add(std::string_view key, std::int64_t number) {
    require(bson_append_int64(raw_, key.data(), length_of(key), number));
    return *this;
}
bson_document& bson_document::add(std::string_view key, int number) {
    require(bson_append_int32(raw_, key.data(), length_of(key), number));
    return *this;
}
bson_document& bson_document::add(std::string_view key, double number) {
    require(bson_append_double(raw_, key.data(), length_of(key), number));
    return *this;
}
bson_document& bson_document::add(std::string_view key, bool flag) {
    require(bson_append_bool(raw_, key.data(), length_of(key), flag));
    return *this;
}
bson_document& bson_document::add(std::string_view key, std::nullptr_t) {
    require(bson_append_null(raw_, key.data(), length_of(key)));
    return *this;
}
bson_document& bson_document::add(std::string_view key, bson_document const& document) {
    require(bson_append_document(raw_, key.data(), length_of(key), document.raw_));
    return *this;
}
bson_document& bson_document::add(std::string_view key, bson_value_t const& value) {
    require(bson_append_value(raw_, key.data(), length_of(key), &value));
    return *this;
}
bson_document& bson_document::add_list(std::string_view key,
                                       std::vector<bson_document> const& items) {
    bson_document list;
    for (std::size_t i = 0; i < items.size(); ++i)
        list.add(std::to_string(i), items[i]);
    return add_list(key, list);
}
bson_document& bson_document::add_list(std::string_view key, bson_document const& items) {
    require(bson_append_array(raw_, key.data(), length_of(key), items.raw_));
    return *this;
}
bson_document& bson_document::add_date(std::string_view key, std::int64_t epoch_ms) {
    require(bson_append_date_time(raw_, key.data(), length_of(key), epoch_ms));
    return *this;
}
bson_document& bson_document::add_object_id(std::string_view key, std::string_view hex) {
    bson_oid_t id;
    bson_oid_init_from_string(&id, std::string(hex).c_str());
    require(bson_append_oid(raw_, key.data(), length_of(key), &id));
    return *this;
}
bson_document& bson_document::add(bson_iter_t const& element) {
    return add({bson_iter_key(&element), bson_iter_key_len(&element)}, element);
}
bson_document& bson_document::add(std::string_view key, bson_iter_t const& element) {
    require(bson_append_iter(raw_, key.data(), length_of(key), &element));
    return *this;
}
bson_document& bson_document::add_all(bson_document const& other) {
    require(bson_concat(raw_, other.raw_));
    return *this;
}

std::optional<bson_element> bson_document::find(std::string_view path) const {
    bson_iter_t at;
    bson_element found;
    if (!bson_iter_init(&at, raw_)) return std::nullopt;
    if (!bson_iter_find_descendant(&at, std::string(path).c_str(), &found.at)) return std::nullopt;
    return found;
}

std::string bson_document::text_at(std::string_view path) const {
    auto const at = find(path);
    if (!at || !BSON_ITER_HOLDS_UTF8(&at->at)) return {};
    std::uint32_t length = 0;
    auto const* text = bson_iter_utf8(&at->at, &length);
    return {text, length};
}

std::int64_t bson_document::int_at(std::string_view path) const {
    auto const at = find(path);
    return at ? bson_iter_as_int64(&at->at) : 0;
}

bool bson_document::truth_at(std::string_view path) const {
    auto const at = find(path);
    return at && bson_iter_as_bool(&at->at);
}

std::string bson_document::first_name() const {
    bson_iter_t at;
    return bson_iter_init(&at, raw_) && bson_iter_next(&at) ? bson_iter_key(&at) : "";
}

bson_document bson_document::at(std::string_view path) const {
    auto const found = find(path);
    return found ? document_of(found->at) : bson_document();
}

bson_document document_of(bson_iter_t const& element) {
    std::uint32_t length = 0;
    std::uint8_t const* bytes = nullptr;
    if (BSON_ITER_HOLDS_DOCUMENT(&element))
        bson_iter_document(&element, &length, &bytes);
    else if (BSON_ITER_HOLDS_ARRAY(&element))
        bson_iter_array(&element, &length, &bytes);
    bson_t view;
    if (bytes == nullptr || !bson_init_static(&view, bytes, length)) return {};
    return bson_document(&view);
}

}  // namespace store::mongo
}  // namespace cxb::inline v1
