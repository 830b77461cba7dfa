#pragma once
/// @file
/// Reads the settings of a process: defaults, then the yaml file, then the environment; each later
/// one wins (spec 20 §1).
///
/// File: `--config`, else `CXB_CONFIG`, else `./cxb.yaml`, else `/etc/cxb/cxb.yaml`, else none. A
/// file that was named must be there. Variables: `CXB_…`, its `_FILE` form for a secret, then the
/// aliases in order and their `_FILE` forms; the first that is set counts, others with another
/// value are warned about by name. An empty variable counts as not set. Lists are comma separated
/// there, documents JSON.
///
/// All faults are found before anything is reported; `fault::pointer` is the yaml path. A yaml key
/// unknown to all processes is a fault, an unknown `CXB_` variable a warning. Rows of other
/// processes are known by name and not checked. Values never stand in faults or warnings.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cxb/base/error.hpp"
#include "server/common/settings/setting_values.hpp"

namespace cxb::server {

using environment_map = std::map<std::string, std::string, std::less<>>;

/// The variables of this process; those that matter here start with `CXB` or are aliases.
[[nodiscard]] environment_map process_environment();

struct settings_source {
    std::string config_path;  ///< `--config`; "" = search
    environment_map environment;
    std::filesystem::path working_dir = ".";
    std::filesystem::path system_file = "/etc/cxb/cxb.yaml";
};

struct loaded_settings {
    setting_values values;
    std::vector<fault> faults;
    std::vector<std::string> warnings;
    std::string file;  ///< "" = none was used
};

/// `process` is `for_api` or `for_core`. Never fails: look at `faults`.
[[nodiscard]] loaded_settings load_settings(unsigned process, settings_source const& source);

}  // namespace cxb::server
