// Profiles of the AWS CLI's files, see shared_config.h.
#include "aws/shared_config.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>
#include <openssl/crypto.h>

namespace sqs2pg::aws {
namespace {

constexpr std::size_t kMostBytes = 1024 * 1024;

std::string_view trimmed(std::string_view text) {
    auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

// A '#' or ';' begins a comment when white space stands before it.
std::string_view without_comment(std::string_view text) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        bool marks = text[i] == '#' || text[i] == ';';
        if (marks && (text[i - 1] == ' ' || text[i - 1] == '\t')) return text.substr(0, i);
    }
    return text;
}

// The settings that the section's name stands for; nullptr for sections of no interest.
Settings* section_of(ConfigFile& file, std::string_view heading, FileKind kind) {
    auto blank = heading.find_first_of(" \t");
    auto type = heading.substr(0, blank);
    auto name = blank == heading.npos ? std::string_view() : trimmed(heading.substr(blank));
    if (kind == FileKind::Credentials) return name.empty() ? &file.profiles[std::string(heading)] : nullptr;
    if (heading == "default") return &file.profiles["default"];
    if (name.empty()) return nullptr;
    if (type == "profile") return &file.profiles[std::string(name)];
    if (type == "services") return &file.services[std::string(name)];
    if (type == "sso-session") return &file.sso_sessions[std::string(name)];
    return nullptr;
}

struct FileText {
    std::string text;
    std::string trouble;  // why it could not be read; empty for an absent file too
};

FileText read_file(const std::string& path) {
    FileText result;
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        if (errno != ENOENT && errno != ENOTDIR) result.trouble = std::strerror(errno);
        return result;
    }
    result.text.resize(kMostBytes);
    in.read(result.text.data(), static_cast<std::streamsize>(kMostBytes));
    result.text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad()) result.trouble = "cannot be read";
    return result;
}

std::string expand_home(std::string path, const std::string& home) {
    if (path == "~" || path.starts_with("~/")) path.replace(0, 1, home);
    return path;
}

}  // namespace

ConfigFile parse_config_file(std::string_view text, FileKind kind) {
    ConfigFile file;
    Settings* section = nullptr;
    std::string parent;
    while (!text.empty()) {
        auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        auto content = trimmed(line);
        if (content.empty() || content.front() == '#' || content.front() == ';') continue;
        if (content.front() == '[') {
            auto close = content.find(']');
            section = close == content.npos ? nullptr : section_of(file, trimmed(content.substr(1, close - 1)), kind);
            parent.clear();
            continue;
        }
        auto equals = content.find('=');
        if (section == nullptr || equals == content.npos) continue;
        auto key = lower_case(trimmed(content.substr(0, equals)));
        auto value = std::string(trimmed(without_comment(content.substr(equals + 1))));
        bool nested = line.front() == ' ' || line.front() == '\t';
        if (nested) {
            if (!parent.empty()) (*section)[fmt::format("{}.{}", parent, key)] = value;
            continue;
        }
        parent = value.empty() ? key : std::string();
        if (!value.empty()) (*section)[key] = value;
    }
    return file;
}

std::optional<std::string> Profile::setting(const std::string& key) const {
    auto found_at = settings.find(key);
    if (found_at == settings.end()) return std::nullopt;
    return found_at->second;
}

SharedConfig SharedConfig::load(const Environment& environment) {
    SharedConfig shared;
    auto home = environment("HOME").value_or("");
    auto path_of = [&](const char* variable, const char* usual) {
        return expand_home(environment(variable).value_or(usual), home);
    };
    auto credentials_path = path_of("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
    auto config_path = path_of("AWS_CONFIG_FILE", "~/.aws/config");
    auto credentials_text = read_file(credentials_path);
    auto config_text = read_file(config_path);
    shared.credentials_ = parse_config_file(credentials_text.text, FileKind::Credentials);
    shared.config_ = parse_config_file(config_text.text, FileKind::Config);
    OPENSSL_cleanse(credentials_text.text.data(), credentials_text.text.size());
    auto named = [](const std::string& path, const std::string& trouble) {
        return trouble.empty() ? path : path + " (" + trouble + ")";
    };
    shared.looked_in_ =
        named(credentials_path, credentials_text.trouble) + " and " + named(config_path, config_text.trouble);
    return shared;
}

Profile SharedConfig::profile(const std::string& name) const {
    Profile profile;
    profile.name = name;
    profile.looked_in = looked_in_;
    for (const auto* file : {&credentials_, &config_}) {
        auto at = file->profiles.find(name);
        if (at == file->profiles.end()) continue;
        profile.found = true;
        profile.settings.insert(at->second.begin(), at->second.end());
    }
    if (auto services = profile.setting("services")) {
        auto at = config_.services.find(*services);
        if (at != config_.services.end()) profile.services = at->second;
    }
    return profile;
}

const Settings* SharedConfig::sso_session(const std::string& name) const {
    auto at = config_.sso_sessions.find(name);
    return at == config_.sso_sessions.end() ? nullptr : &at->second;
}

std::string profile_name(const Environment& environment, const std::string& configured_name) {
    auto name = configured_name;
    for (const auto* variable : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
        if (name.empty()) name = environment(variable).value_or("");
    }
    return name;
}

Profile load_profile(const Environment& environment, const std::string& configured_name) {
    auto name = profile_name(environment, configured_name);
    auto profile = SharedConfig::load(environment).profile(name.empty() ? "default" : name);
    profile.named = !name.empty();
    return profile;
}

}  // namespace sqs2pg::aws
