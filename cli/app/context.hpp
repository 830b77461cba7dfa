#pragma once
/// @file
/// What a command gets: its arguments, the streams, the installation it speaks to and where it
/// prints. Commands see neither coroutines nor sockets.
///
/// With `--json` a command prints exactly one JSON document on standard output, whatever happens
/// beside: progress and errors go to standard error.

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>

#include "cli/app/command.hpp"
#include "cli/app/credentials.hpp"
#include "cli/app/streamed_answer.hpp"
#include "cxb/client/transport.hpp"
#include "cxb/contract/shared_secret/shared_secret.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::cli {

/// The machine around a run; tests replace every member.
struct surroundings {
    std::istream* in = nullptr;
    std::ostream* out = nullptr;
    std::ostream* err = nullptr;
    std::function<std::string(std::string const& name)> environment;
    client::transport* transport = nullptr;
    clock const* time = nullptr;
    /// Waits between two looks (`--wait`, `tail`). False: stop looking.
    std::function<bool(std::chrono::milliseconds)> pause;
    /// Reads a password without showing it when `in` is a terminal.
    std::function<std::string(std::string const& prompt)> read_password;
};

/// Options before the command.
struct global_options {
    std::string url;  ///< `--url`, else `CXB_URL`, else the default
    bool json = false;
};

/// One request of a command.
struct remote_call {
    std::string method = "GET";
    std::string target;
    std::string body;
    wire::header_list headers;
    bool use_secret = false;
    bool repeatable = false;  ///< as client::send_params
    bool anonymous = false;   ///< send no credentials
    std::chrono::milliseconds timeout{30000};
    piece_sink sink;  ///< set: takes the body of a 2xx answer as it comes
};

class command_context {
  public:
    command_context(surroundings around, global_options global, arguments given);
    ~command_context();

    [[nodiscard]] arguments const& args() const noexcept { return args_; }
    [[nodiscard]] bool json() const noexcept { return global_.json; }
    [[nodiscard]] std::string const& url() const noexcept { return global_.url; }
    [[nodiscard]] surroundings const& around() const noexcept { return around_; }
    [[nodiscard]] std::ostream& out() const noexcept { return *around_.out; }
    [[nodiscard]] std::ostream& err() const noexcept { return *around_.err; }
    [[nodiscard]] time_point now() const { return around_.time->now(); }
    [[nodiscard]] std::string environment(std::string const& name) const {
        return around_.environment(name);
    }

    /// The 2xx answer. Errors of the client, with what to do about them in `detail`.
    [[nodiscard]] result<wire::http_response> send(remote_call call);
    /// The body of a GET, printed as it comes; one that is not empty must begin with `start`.
    /// Errors: as `send`; a broken output.
    [[nodiscard]] result<exit_code> print_export(std::string target, std::string start);
    /// Its body as JSON; none is `{}`, but of a GET an error.
    [[nodiscard]] result<wire::json_value> ask(remote_call call);
    [[nodiscard]] result<wire::json_object> ask_object(remote_call call);
    /// GET of a target.
    [[nodiscard]] result<wire::json_value> get(std::string target);

    /// A file, or standard input for `-`. Errors: usage.
    [[nodiscard]] result<std::string> read_input(std::string const& file) const;
    [[nodiscard]] result<wire::json_object> read_object(std::string const& file) const;

    [[nodiscard]] result<credentials_file> credentials() const;
    /// Of the worker routes: `CXB_CORE_SECRET` or an alias, else the file one of these names with
    /// `_FILE` behind it, else the development default. Errors: usage (unreadable file).
    [[nodiscard]] result<secret> core_secret() const;

    /// `--json`: the document; else `text`. Gives `done`.
    exit_code print(wire::json_value const& document, std::string const& text) const;

  private:
    struct wiring;
    surroundings around_;
    global_options global_;
    arguments args_;
    std::unique_ptr<wiring> wiring_;
};

/// `/api/v1/bots/` + percent-encoded id.
[[nodiscard]] std::string target_of(std::string_view prefix, std::string_view id,
                                    std::string_view suffix = {});

/// Items of a list answer: `items`, or the array itself.
[[nodiscard]] wire::json_array items_of(wire::json_value const& list);

/// Prints an error for people (what, where, what to do) or as one JSON line with `--json`.
void print_error(command_context const& context, error const& failure);

/// Splits `K=V` texts into an object of texts. Errors: usage.
[[nodiscard]] result<wire::json_object> parse_variables(std::vector<std::string> const& pairs);

}  // namespace cxb::cli
