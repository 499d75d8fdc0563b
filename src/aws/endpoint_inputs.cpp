// Region and endpoint from configuration, environment and profile, see endpoint_inputs.h.
#include "aws/endpoint_inputs.h"

#include "aws/shared_config.h"

namespace sqs2pg::aws {

EndpointInputs gather_endpoint_inputs(const ConfiguredAws& configured, const Environment& environment,
                                      const std::string& queue) {
    EndpointInputs inputs;
    auto profile = load_profile(environment, configured.profile);
    auto take = [](std::string& into, std::optional<std::string> value) {
        if (into.empty() && value) into = std::move(*value);
    };
    inputs.region = configured.region;
    take(inputs.region, environment("AWS_REGION"));
    take(inputs.region, environment("AWS_DEFAULT_REGION"));
    take(inputs.region, profile.setting("region"));

    inputs.endpoint_url = configured.endpoint_url;
    if (environment("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or("") != "true") {
        take(inputs.endpoint_url, environment("AWS_ENDPOINT_URL_SQS"));
        take(inputs.endpoint_url, environment("AWS_ENDPOINT_URL"));
        auto of_sqs = profile.services.find("sqs.endpoint_url");
        if (of_sqs != profile.services.end()) take(inputs.endpoint_url, of_sqs->second);
        take(inputs.endpoint_url, profile.setting("endpoint_url"));
    }
    if (queue.find("://") != std::string::npos) inputs.queue_url = queue;
    return inputs;
}

}  // namespace sqs2pg::aws
