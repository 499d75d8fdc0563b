// YAML to Settings: every mistake at once, each with file:line:column and the nearest right name. Duplicate keys are
// mistakes; ${NAME} takes an environment variable ($${ is a literal). Only names and places are ever in a message,
// never a configured value that may be a secret.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"

namespace sqs2pg::config {

struct Mistake {
    std::string place;     // file:line:column
    std::string sentence;  // what is wrong and what to do
};

struct Loaded {
    Settings settings;              // usable only when mistakes is empty
    std::vector<Mistake> mistakes;  // in the order of their places
    std::vector<Mistake> warnings;
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment process_environment();

// A file, or a folder of *.yaml / *.yml files. Several files: `pipelines` are joined; `defaults` count for the
// pipelines of their file, and for all when the file has none; every other section stands in one of them.
Loaded load(const std::string& path, const Environment& environment);
// What it says of messages and tables only, for looks that reach nothing: `postgres`, `aws` and `keys` are passed over
// wherever they stand, so is what concerns the process, and an environment variable that is not set stands for "unset".
Loaded load_mapping(const std::string& path, const Environment& environment);
// For tests: `name` stands in the places.
Loaded load_text(const std::string& yaml, const std::string& name, const Environment& environment);

}  // namespace sqs2pg::config
