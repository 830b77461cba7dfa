#pragma once
/// @file
/// `--name value` pairs of the measuring programs. Wrong use ends the program with status 2.

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cxb::bench {

class arguments {
  public:
    arguments(int argc, char** argv) {
        for (int i = 1; i < argc; i += 2) {
            std::string_view const name = argv[i];
            if (!name.starts_with("--") || i + 1 == argc) fail("wants --name value pairs");
            given_.emplace_back(name.substr(2), argv[i + 1]);
        }
    }

    [[nodiscard]] std::vector<std::string> all(std::string_view name) const {
        std::vector<std::string> out;
        for (auto const& [each, value] : given_)
            if (each == name) out.push_back(value);
        return out;
    }

    [[nodiscard]] std::string text(std::string_view name) const {
        auto const found = all(name);
        if (found.empty()) fail("--" + std::string(name) + " is missing");
        return found.back();
    }

    [[nodiscard]] double number(std::string_view name, double fallback) const {
        auto const found = all(name);
        if (found.empty()) return fallback;
        char* end = nullptr;
        double const value = std::strtod(found.back().c_str(), &end);
        if (end == found.back().c_str() || *end != '\0' || value < 0)
            fail("--" + std::string(name) + " wants a number");
        return value;
    }

    [[noreturn]] static void fail(std::string const& what) {
        std::cerr << "error: " << what << '\n';
        std::exit(2);
    }

  private:
    std::vector<std::pair<std::string, std::string>> given_;
};

/// The whole `main` of a program: what `run` throws is told and exits 1.
template <class Run>
int run_main(int argc, char** argv, Run run) {
    try {
        return run(arguments{argc, argv});
    } catch (std::exception const& fault) {
        std::cerr << "error: " << fault.what() << '\n';
        return 1;
    }
}

}  // namespace cxb::bench
