#pragma once
// Collects events into RFC 8785 text without a DOM: members are written as they come and put in
// order when their object ends.

#include <string>
#include <string_view>
#include <vector>

#include "src/wire/json_events.hpp"

namespace cxb::inline v1 {
namespace wire::detail {

class canonical_text final : public json_events {
  public:
    // Replaces what `to` holds.
    explicit canonical_text(std::string& to) : out_(to) { out_.clear(); }
    void object_begin() override;
    void object_end(std::size_t count) override;
    void array_begin() override;
    void array_end(std::size_t count) override;
    void key(std::string_view name) override;
    void string(std::string_view text) override;
    void number(number_token const& token) override;
    void boolean(bool value) override;
    void null() override;

  private:
    // Places are offsets, because both texts grow.
    struct member {
        std::size_t name = 0;  // in names_
        std::size_t name_size = 0;
        std::size_t begin = 0;  // `"name":value` in out_
        std::size_t end = 0;
    };
    struct open_object {
        std::size_t begin = 0;  // behind the brace
        std::size_t first = 0;  // in members_
        std::size_t names = 0;  // size of names_ before
    };
    [[nodiscard]] std::string_view name_of(member const& at) const {
        return std::string_view(names_).substr(at.name, at.name_size);
    }
    // Below, at or above 0, by name.
    [[nodiscard]] int compare(member const& a, member const& b) const;
    void separate();
    void end_member();
    void reorder(open_object const& at);

    std::string& out_;
    std::string names_;    // of the open objects, unescaped
    std::string scratch_;  // an object while its members are put in order
    std::vector<member> members_;
    std::vector<open_object> objects_;
};

}  // namespace wire::detail
}  // namespace cxb::inline v1
