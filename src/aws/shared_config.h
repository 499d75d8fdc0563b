// The AWS CLI's two files, ~/.aws/credentials and ~/.aws/config: profiles with their settings. Parsing is pure.
// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files", "Service-specific endpoints".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "aws/environment.h"
#include "base/result.h"

namespace sqs2pg::aws {

// Settings of one section. A nested setting is "parent.name": [services x] with "sqs =\n  endpoint_url = …" is
// "sqs.endpoint_url".
using Settings = std::map<std::string, std::string>;

struct ConfigFile {
    std::map<std::string, Settings> profiles;
    std::map<std::string, Settings> services;
    std::map<std::string, Settings> sso_sessions;
};

enum class FileKind { Config, Credentials };  // "[profile x]" stands in the one, "[x]" in the other

// Lines that cannot be read are passed over, as the SDKs do. A section that stands twice is merged.
ConfigFile parse_config_file(std::string_view text, FileKind kind);

// The profile in use, merged from both files; values in the credentials file win.
struct Profile {
    std::string name;    // from configuration, AWS_PROFILE, AWS_DEFAULT_PROFILE, or "default"
    bool named = false;  // somebody asked for it by name
    bool found = false;
    Settings settings;
    Settings services;      // of the section that `services = NAME` points to
    std::string looked_in;  // "~/.aws/credentials and ~/.aws/config", with a note on files that cannot be read

    std::optional<std::string> setting(const std::string& key) const;
};

// Both files as they are now.
class SharedConfig {
   public:
    // Reads AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, or ~/.aws. An absent file is an empty one, as is what lies
    // behind the first MiB.
    static SharedConfig load(const Environment& environment);

    // Not found: an empty one that says where it was looked for.
    Profile profile(const std::string& name) const;
    // nullptr when there is no such section.
    const Settings* sso_session(const std::string& name) const;

   private:
    ConfigFile credentials_;
    ConfigFile config_;
    std::string looked_in_;
};

// The name of the profile in use: the configuration's, AWS_PROFILE, AWS_DEFAULT_PROFILE; empty when nobody names one.
std::string profile_name(const Environment& environment, const std::string& configured_name);

// The profile in use, "default" when nobody names one. Reads both files; `configured_name` may be empty.
Profile load_profile(const Environment& environment, const std::string& configured_name);

}  // namespace sqs2pg::aws
