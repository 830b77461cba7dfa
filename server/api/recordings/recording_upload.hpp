#pragma once
/// @file
/// Taking a recording over its signed link (spec 21 §4): the body goes straight into the object
/// store, hashed on the way; only a complete one becomes visible. Where that store is a network
/// away, the body goes into a folder first and is moved on before the answer.

#include <memory>

#include "cxb/base/crypto.hpp"
#include "cxb/store/object_store.hpp"
#include "cxb/wire/http_message.hpp"

namespace cxb::api {

class upload_sink final : public wire::body_sink {
  public:
    static constexpr std::uint64_t max_bytes = std::uint64_t{512} * 1024 * 1024;

    upload_sink(std::unique_ptr<store::object_writer> writer, std::string key)
        : writer_(std::move(writer)), key_(std::move(key)) {}
    result<void> write(std::string_view piece) override;
    result<void> finish() override;

    [[nodiscard]] std::string const& key() const noexcept { return key_; }
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] std::string const& sha256_text() const noexcept { return digest_; }

  private:
    std::unique_ptr<store::object_writer> writer_;
    std::string key_;
    sha256_stream hash_;
    std::uint64_t size_ = 0;
    std::string digest_;
};

/// Copies an object to another store, then removes it here. Blocks. Errors: those of the port.
[[nodiscard]] result<void> move_object(store::object_store& from, store::object_store& to,
                                       std::string const& key);

}  // namespace cxb::api
