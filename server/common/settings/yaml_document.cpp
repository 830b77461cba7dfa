#include "server/common/settings/yaml_document.hpp"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <iterator>
#include <set>

#include "cxb/base/limits.hpp"

namespace cxb::server {
namespace {

constexpr int max_depth = 16;

std::string place(YAML::Mark const& mark) {
    return "line " + std::to_string(mark.line + 1) + ": ";
}

result<yaml_node> convert(YAML::Node const& from, int depth) {
    yaml_node out;
    if (depth > max_depth) return error{errc::malformed, place(from.Mark()) + "nested too deeply"};
    switch (from.Type()) {
        case YAML::NodeType::Scalar:
            out.what = yaml_node::kind::scalar;
            out.text = from.Scalar();
            break;
        case YAML::NodeType::Sequence:
            out.what = yaml_node::kind::list;
            for (auto const& item : from) {
                CXB_TRY(auto converted, convert(item, depth + 1));
                out.items.push_back(std::move(converted));
            }
            break;
        case YAML::NodeType::Map: {
            out.what = yaml_node::kind::map;
            std::set<std::string> seen;
            for (auto const& member : from) {
                auto const& name = member.first.Scalar();
                if (!member.first.IsScalar() || !seen.insert(name).second)
                    return error{errc::malformed,
                                 place(member.first.Mark()) + "key twice or not a text: " + name};
                CXB_TRY(auto converted, convert(member.second, depth + 1));
                out.names.push_back(name);
                out.items.push_back(std::move(converted));
            }
            break;
        }
        case YAML::NodeType::Null:
        case YAML::NodeType::Undefined:
            break;
    }
    return out;
}

}  // namespace

result<yaml_node> parse_yaml(std::string const& text) {
    try {
        auto const documents = YAML::LoadAll(text);
        if (documents.empty()) return yaml_node{};
        if (documents.size() > 1) return error{errc::malformed, "more than one document"};
        return convert(documents.front(), 0);
    } catch (YAML::Exception const& cause) {
        return error{errc::malformed, place(cause.mark) + cause.msg};
    }
}

result<yaml_node> read_yaml_file(std::filesystem::path const& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return error{errc::not_found, "cannot be opened"};
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (in.bad()) return error{errc::not_found, "cannot be read"};
    if (text.size() > limits::mib) return error{errc::too_large, "is over 1 MiB"};
    return parse_yaml(text);
}

wire::json_value to_json(yaml_node const& node) {
    switch (node.what) {
        case yaml_node::kind::null:
            return nullptr;
        case yaml_node::kind::list: {
            wire::json_array out;
            for (auto const& item : node.items)
                out.push_back(to_json(item));
            return out;
        }
        case yaml_node::kind::map: {
            wire::json_object out;
            for (std::size_t i = 0; i < node.items.size(); ++i)
                out[node.names[i]] = to_json(node.items[i]);
            return out;
        }
        case yaml_node::kind::scalar:
            break;
    }
    auto const& text = node.text;
    bool const number =
        !text.empty() && text.find_first_not_of("0123456789.-+eE") == std::string::npos;
    if (number || text == "true" || text == "false")
        if (auto value = wire::parse_json(text)) return *std::move(value);
    return wire::json_value(text);
}

}  // namespace cxb::server
