#pragma once
/// @file
/// Commands as data: a row says how a command is called and which function runs it. The rows drive
/// the parser, `--help` and the completion scripts, so nothing about a command is written twice.

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/app/exit_code.hpp"

namespace cxb::cli {

class command_context;

enum class parameter_kind { argument, value, flag, list };

/// `name`: `--limit` for options, `BOT` for arguments. A list option may be repeated; a list
/// argument (`many`) takes all that follow.
struct parameter {
    std::string_view name;
    std::string_view help;
    parameter_kind kind = parameter_kind::value;
    bool required = false;
    bool many = false;
};

struct command {
    std::string_view noun;
    std::string_view verb;  ///< "" for a command of one word
    std::string_view summary;
    std::string_view example;
    std::span<parameter const> parameters;
    /// Writes to the context's streams. An error is printed by the caller and decides the exit
    /// code.
    result<exit_code> (*run)(command_context&);
};

/// What the user typed for one command.
class arguments {
  public:
    void set(std::string name, std::vector<std::string> values);
    [[nodiscard]] bool has(std::string_view name) const;
    /// First value, else `fallback`.
    [[nodiscard]] std::string text(std::string_view name, std::string_view fallback = {}) const;
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const;
    /// A whole number within bounds, else a usage error.
    [[nodiscard]] result<int> number(std::string_view name, int fallback, int low, int high) const;

  private:
    std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

/// All commands in the order of the help.
[[nodiscard]] std::span<command const* const> all_commands() noexcept;

}  // namespace cxb::cli
