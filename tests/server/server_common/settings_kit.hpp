#pragma once
/// @file
/// A folder, a set of variables, and what the two processes make of them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "server/common/settings/process_settings.hpp"
#include "support/child_process.hpp"

namespace cxb::server {

inline std::string const strong_a = "kX9v2Lq8Rt5Yw1Zp4Bn7Mc3Df6Gh0Js!";
inline std::string const strong_b = "Qp3Wn8Ez5Tb1Yv6Um9Ic2Ox4La7Kd0S?";

class SettingsTest : public ::testing::Test {
  protected:
    SettingsTest() {
        source.working_dir = folder.path();
        source.system_file = folder / "etc.yaml";
    }
    std::string write(std::string const& name, std::string const& text, mode_t mode = 0600) {
        auto const path = (folder / name).string();
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
        return path;
    }
    void yaml(std::string const& text) { write("cxb.yaml", text); }
    void env(std::string name, std::string value) {
        source.environment.insert_or_assign(std::move(name), std::move(value));
    }
    api_settings api() {
        auto checked = load_api_settings(source);
        EXPECT_THAT(checked.problems, ::testing::IsEmpty());
        warnings = checked.warnings;
        return checked.settings.value_or(api_settings{});
    }
    core_settings core() {
        auto checked = load_core_settings(source);
        EXPECT_THAT(checked.problems, ::testing::IsEmpty());
        warnings = checked.warnings;
        return checked.settings.value_or(core_settings{});
    }
    std::vector<std::string> api_problems() { return load_api_settings(source).problems; }
    std::vector<std::string> core_problems() { return load_core_settings(source).problems; }
    void production() {
        env("CXB_ENV", "production");
        env("CXB_JWT_SECRET", strong_a);
        env("CXB_CORE_SECRET", strong_b);
        env("CXB_HTTP_PUBLIC_URL", "https://cx.example.com");
        env("CXB_CORE_CONFIG_URL", "https://cx.example.com/api/v1/config");
    }

    test::scratch_dir folder;
    settings_source source;
    std::vector<std::string> warnings;
};

}  // namespace cxb::server
