// Options of the HTTP client, see http_options.h.
#include "aws/http_options.h"

#include "aws/shared_config.h"

namespace sqs2pg::aws {
namespace {

void take_first(const Environment& environment, std::initializer_list<const char*> names, std::string& value,
                std::string& from) {
    for (const auto* name : names) {
        auto found = environment(name);
        if (!found) continue;
        value = std::move(*found);
        from = name;
        return;
    }
}

net::ProxySettings proxy_settings(const Environment& environment) {
    net::ProxySettings settings;
    take_first(environment, {"https_proxy", "HTTPS_PROXY"}, settings.https, settings.https_from);
    take_first(environment, {"no_proxy", "NO_PROXY"}, settings.no_proxy, settings.no_proxy_from);
    take_first(environment, {"http_proxy"}, settings.http, settings.http_from);
    if (settings.http.empty() && !environment("REQUEST_METHOD")) {
        take_first(environment, {"HTTP_PROXY"}, settings.http, settings.http_from);
    }
    return settings;
}

}  // namespace

net::HttpClientOptions http_options(const ConfiguredAws& configured, const Environment& environment) {
    net::HttpClientOptions options;
    options.ca_file = configured.ca_bundle;
    options.ca_file_from = "`aws.ca_bundle`";
    if (options.ca_file.empty()) take_first(environment, {"AWS_CA_BUNDLE"}, options.ca_file, options.ca_file_from);
    if (options.ca_file.empty()) {
        auto profile = load_profile(environment, configured.profile);
        options.ca_file = profile.setting("ca_bundle").value_or("");
        options.ca_file_from = "ca_bundle of profile \"" + profile.name + "\"";
    }
    auto home = environment("HOME");
    if (options.ca_file.starts_with("~/") && home) options.ca_file.replace(0, 1, *home);
    options.proxies = std::make_shared<net::ProxyRules>(proxy_settings(environment));
    return options;
}

}  // namespace sqs2pg::aws
