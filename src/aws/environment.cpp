// The process's environment, see environment.h.
#include "aws/environment.h"

#include <cstdlib>

namespace sqs2pg::aws {

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0') return std::nullopt;
        return std::string(value);
    };
}

}  // namespace sqs2pg::aws
