// Region, endpoint and variants from configuration, environment and profile, see endpoint_inputs.h.
#include "aws/endpoint_inputs.h"

#include <algorithm>

#include "aws/queue_name.h"
#include "aws/shared_config.h"

namespace sqs2pg::aws {
namespace {

// One setting: the first source that has it, and what that source is called.
struct Setting {
    std::string value;
    std::string from;

    void take(std::optional<std::string> offered, const std::string& source) {
        if (!value.empty() || !offered || offered->empty()) return;
        value = std::move(*offered);
        from = source;
    }
};

std::string lower_case(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

class Gatherer {
   public:
    Gatherer(const ConfiguredAws& configured, const Environment& environment)
        : configured_(configured), environment_(environment), profile_(load_profile(environment, configured.profile)) {}

    EndpointInputs gather(Service service) const {
        EndpointInputs inputs;
        inputs.service = service;
        auto region = this->region();
        auto endpoint = this->endpoint(service);
        inputs.region = std::move(region.value);
        inputs.region_from = std::move(region.from);
        inputs.endpoint_url = std::move(endpoint.value);
        inputs.endpoint_from = std::move(endpoint.from);
        inputs.variants.fips =
            flag(configured_.use_fips_endpoint, "use_fips_endpoint", inputs.fips_from, inputs.mistake);
        inputs.variants.dualstack =
            flag(configured_.use_dualstack_endpoint, "use_dualstack_endpoint", inputs.dualstack_from, inputs.mistake);
        return inputs;
    }

   private:
    std::string of_profile(const std::string& key) const { return key + " of profile \"" + profile_.name + "\""; }

    Setting region() const {
        Setting found;
        found.take(configured_.region, "`aws.region`");
        for (const auto* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) found.take(environment_(name), name);
        found.take(profile_.setting("region"), of_profile("region"));
        return found;
    }

    Setting endpoint(Service service) const {
        const auto& names = names_of(service);
        Setting found;
        if (service == Service::Sqs) found.take(configured_.endpoint_url, "`aws.endpoint_url`");
        auto ignored = environment_("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        if (!ignored) ignored = profile_.setting("ignore_configured_endpoint_urls");
        if (ignored && lower_case(*ignored) == "true") return found;
        const std::string of_service = "AWS_ENDPOINT_URL_" + std::string(names.variable);
        found.take(environment_(of_service), of_service);
        found.take(environment_("AWS_ENDPOINT_URL"), "AWS_ENDPOINT_URL");
        const auto key = std::string(names.settings) + ".endpoint_url";
        const auto section = profile_.services.find(key);
        if (section != profile_.services.end()) {
            found.take(section->second, of_profile("the services section (" + std::string(names.settings) + ")"));
        }
        found.take(profile_.setting("endpoint_url"), of_profile("endpoint_url"));
        return found;
    }

    bool flag(std::optional<bool> configured, const std::string& key, std::string& from, std::string& mistake) const {
        if (configured) {
            from = "`aws." + key + "`";
            return *configured;
        }
        std::string variable = "AWS_" + key;
        std::transform(variable.begin(), variable.end(), variable.begin(),
                       [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
        Setting found;
        found.take(environment_(variable), variable);
        found.take(profile_.setting(key), of_profile(key));
        from = found.from;
        auto value = lower_case(found.value);
        if (!value.empty() && value != "true" && value != "false") mistake = from + " must be true or false";
        return value == "true";
    }

    const ConfiguredAws& configured_;
    const Environment& environment_;
    Profile profile_;
};

}  // namespace

EndpointInputs gather_endpoint_inputs(const ConfiguredAws& configured, const Environment& environment,
                                      const std::string& queue) {
    auto inputs = Gatherer(configured, environment).gather(Service::Sqs);
    if (queue.find("://") != std::string::npos || parse_queue_arn(queue)) inputs.queue_url = queue;
    return inputs;
}

Result<Endpoint> service_endpoint(Service service, const ConfiguredAws& configured, const Environment& environment,
                                  const std::string& region) {
    auto inputs = Gatherer(configured, environment).gather(service);
    if (!region.empty()) {
        inputs.region = region;
        inputs.region_from = "its caller";
    }
    return resolve_endpoint(inputs);
}

}  // namespace sqs2pg::aws
