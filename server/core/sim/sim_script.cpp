#include "server/core/sim/sim_script.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "cxb/base/limits.hpp"
#include "cxb/wire/json.hpp"

namespace cxb::inline v1 {
namespace core {

namespace {

constexpr std::size_t most_script = 64 * limits::kib;
constexpr std::size_t most_steps = 500;
constexpr std::size_t most_words = 4096;
constexpr double longest_wait = 3600;

class reader {
  public:
    result<sim_script> read(wire::json_object const& object) {
        sim_script out;
        answer(object, out.answer);
        transfer(object, out.transfer);
        if (auto const* voice = object.if_contains("voice")) {
            if (voice->is_string())
                out.voice = std::string(voice->get_string());
            else
                fault("/voice", "expected string");
        }
        if (auto const* audio = object.if_contains("audio")) {
            if (audio->is_bool())
                out.audio = audio->get_bool();
            else
                fault("/audio", "expected boolean");
        }
        steps(object, out.steps);
        if (!faults_.empty()) return invalid_document(std::move(faults_));
        return out;
    }

  private:
    using value = wire::json_value;

    void fault(std::string pointer, std::string reason) {
        if (faults_.size() < limits::faults)
            faults_.push_back({std::move(pointer), std::move(reason)});
    }

    // Milliseconds of a number in [0, most]; `unit` is how many a whole number means.
    milliseconds time(value const& v, double most, double unit, std::string const& at) {
        double const number = v.is_number() ? v.to_number<double>() : -1;
        if (number >= 0 && number <= most) return milliseconds(static_cast<long>(number * unit));
        fault(at, "expected number from 0 to " + wire::to_text(value(most)));
        return {};
    }

    void answer(wire::json_object const& object, sim_answer& out) {
        auto const* given = object.if_contains("answer");
        if (given == nullptr) return;
        if (!given->is_object()) return fault("/answer", "expected object");
        if (auto const* after = given->get_object().if_contains("after_ms"))
            out.after = time(*after, 60000, 1, "/answer/after_ms");
        if (auto const* status = given->get_object().if_contains("sip_status")) {
            auto const number = status->is_number() ? status->to_number<double>() : 0;
            if (number >= 300 && number <= 699)
                out.sip_status = static_cast<int>(number);
            else
                fault("/answer/sip_status", "expected number from 300 to 699");
        }
    }

    void transfer(wire::json_object const& object, sim_transfer& out) {
        auto const* given = object.if_contains("transfer");
        if (given == nullptr) return;
        if (!given->is_object()) return fault("/transfer", "expected object");
        if (auto const* after = given->get_object().if_contains("after_ms"))
            out.after = time(*after, 60000, 1, "/transfer/after_ms");
        out.fails = std::string(wire::text_at(given->get_object(), "fails"));
        constexpr std::string_view words[] = {"",        "rejected",      "no_answer",
                                              "timeout", "not_supported", "error"};
        if (std::find(std::begin(words), std::end(words), out.fails) == std::end(words))
            fault("/transfer/fails", "unknown word");
    }

    void steps(wire::json_object const& object, std::vector<sim_step>& out) {
        auto const* list = object.if_contains("steps");
        if (list == nullptr) return;
        if (!list->is_array() || list->get_array().size() > most_steps)
            return fault("/steps", "expected list of at most 500");
        for (std::size_t i = 0; i < list->get_array().size(); ++i) {
            auto const at = "/steps/" + std::to_string(i);
            auto const* item = list->get_array()[i].if_object();
            if (item == nullptr)
                fault(at, "expected object");
            else if (auto step = one(*item, at))
                out.push_back(*std::move(step));
        }
    }

    std::optional<sim_step> one(wire::json_object const& item, std::string const& at) {
        if (auto const* v = item.if_contains("wait")) return wait(*v, at + "/wait");
        if (auto const* v = item.if_contains("say")) return say(item, *v, at);
        if (auto const* v = item.if_contains("silence"))
            return wait_time{time(*v, longest_wait, 1000, at + "/silence")};
        if (auto const* v = item.if_contains("dtmf")) return keys(*v, at + "/dtmf");
        if (auto const* v = item.if_contains("beep"))
            return make_beep{time(*v, 60000, 1, at + "/beep")};
        if (auto const* v = item.if_contains("noise_dbfs")) {
            double const level = v->is_number() ? v->to_number<double>() : 1;
            if (!(level >= -120 && level <= 0))
                fault(at + "/noise_dbfs", "expected number from -120 to 0");
            return make_noise{level};
        }
        if (auto const* v = item.if_contains("hangup")) {
            if (*v != true) fault(at + "/hangup", "expected true");
            return hang_up{};
        }
        if (auto const* v = item.if_contains("expect")) {
            auto pattern = regex(*v, at + "/expect");
            if (!pattern) return std::nullopt;
            return expect_words{*std::move(pattern), std::string(v->get_string())};
        }
        fault(at, "unknown step");
        return std::nullopt;
    }

    std::optional<sim_step> wait(value const& v, std::string const& at) {
        if (v.is_string() && v.get_string() == "bot_done") return wait_bot_done{};
        if (v.is_number()) return wait_time{time(v, longest_wait, 1000, at)};
        auto const* object = v.if_object();
        auto const* says = object == nullptr ? nullptr : object->if_contains("bot_says");
        if (says == nullptr) {
            fault(at, "expected \"bot_done\", seconds or an object with bot_says");
            return std::nullopt;
        }
        auto pattern = regex(*says, at + "/bot_says");
        if (!pattern) return std::nullopt;
        wait_bot_says out{*std::move(pattern), milliseconds(10000)};
        if (auto const* within = object->if_contains("within"))
            out.within = time(*within, longest_wait, 1000, at + "/within");
        return out;
    }

    std::optional<sim_step> say(wire::json_object const& item, value const& v,
                                std::string const& at) {
        if (!v.is_string() || v.get_string().empty() || v.get_string().size() > most_words) {
            fault(at + "/say", "expected string of 1 to 4096 bytes");
            return std::nullopt;
        }
        say_words out{std::string(v.get_string()), std::nullopt};
        if (auto const* after = item.if_contains("interrupt_after_ms"))
            out.interrupt_after = time(*after, 60000, 1, at + "/interrupt_after_ms");
        return out;
    }

    std::optional<sim_step> keys(value const& v, std::string const& at) {
        std::string_view const digits = v.is_string() ? std::string_view(v.get_string()) : "";
        bool const good = !digits.empty() && digits.size() <= 32 &&
                          digits.find_first_not_of("0123456789*#ABCD") == std::string_view::npos;
        if (!good) fault(at, "expected 1 to 32 of 0-9 * # A-D");
        return press_keys{std::string(digits)};
    }

    std::optional<std::regex> regex(value const& v, std::string const& at) {
        try {
            if (v.is_string() && v.get_string().size() <= limits::text)
                return std::regex(std::string(v.get_string()), std::regex::icase);
            fault(at, "expected a text");
        } catch (std::regex_error const&) {
            fault(at, "is no regular expression");
        }
        return std::nullopt;
    }

    std::vector<cxb::fault> faults_;
};

bool is_file_name(std::string_view word) {
    return !word.empty() && word.size() <= 128 && word != "." && word != ".." &&
           std::all_of(word.begin(), word.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                      c == '_' || c == '.' || c == '-';
           });
}

}  // namespace

result<sim_script> parse_sim_script(std::string_view json) {
    CXB_TRY(auto const parsed, wire::parse_json(json, most_script));
    if (!parsed.is_object()) return invalid_member("", "expected object");
    return reader().read(parsed.get_object());
}

result<sim_script> find_sim_script(std::string_view word,
                                   std::filesystem::path const& scripts_dir) {
    if (word.empty()) word = "polite";
    for (auto const& known : builtin_scripts())
        if (known.name == word) return parse_sim_script(known.json);
    if (word.find('{') != std::string_view::npos) return parse_sim_script(word);
    error unknown{errc::not_found, "No such simulation script"};
    if (scripts_dir.empty() || !is_file_name(word)) return unknown;
    std::ifstream file(scripts_dir / std::string(word), std::ios::binary);
    if (!file) return unknown;
    std::stringstream text;
    text << file.rdbuf();
    return parse_sim_script(text.str());
}

}  // namespace core
}  // namespace cxb::inline v1
