// `sqs2pg key`: makes a key file, and tells what a key file says without showing a key.
#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/database_access.h"
#include "cli/json_object.h"
#include "cli/open_keys.h"
#include "privacy/keyring.h"

namespace sqs2pg::cli {

namespace {

struct KeyArguments {
    std::string output;
    std::string configuration;
    std::string file;
    std::string format = "text";

    bool json() const { return format == "json"; }
};

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto written = write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

int tell(int exit_code, const std::string& sentence) {
    fmt::print(stderr, "sqs2pg key: {}\n", sentence);
    return exit_code;
}

std::string_view why_not_made(int code) {
    switch (code) {
        case EACCES:
            return "permission denied";
        case ENOENT:
            return "its folder does not exist";
        case ENOSPC:
            return "the disk is full";
        case EROFS:
            return "the file system is read-only";
        default:
            return "it cannot be written";
    }
}

int write_new_file(const std::string& path, std::string_view text) {
    // O_EXCL: a key file that was overwritten would take every token's meaning with it.
    const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0 && errno == EEXIST) {
        return tell(kUsage, path + " exists already and is not overwritten: name another file, or move it away");
    }
    if (descriptor < 0) return tell(kFailed, fmt::format("{} was not made: {}", path, why_not_made(errno)));
    bool good = write_all(descriptor, text) && fsync(descriptor) == 0;
    const int code = errno;
    good = close(descriptor) == 0 && good;
    if (good) return kDone;
    unlink(path.c_str());
    return tell(kFailed, fmt::format("{} was not made: {}", path, why_not_made(code)));
}

int make_key(const KeyArguments& arguments) {
    if (arguments.json() && arguments.output.empty()) {
        return tell(kUsage, "--format json needs -o FILE: without it the standard output is the key file itself");
    }
    const auto text = privacy::Keyring::generate().to_yaml();
    if (arguments.output.empty()) {
        if (write_all(STDOUT_FILENO, text.reveal())) return kDone;
        return tell(kFailed, "the key could not be written to the standard output");
    }
    const int exit_code = write_new_file(arguments.output, text.reveal());
    if (exit_code == kDone && arguments.json()) {
        fmt::print("{}\n", JsonObject().text("file", arguments.output).text("active", "k1").done());
    } else if (exit_code == kDone) {
        fmt::print(stderr, "{}: a new key, k1, readable by you only; keep a copy in a safe place\n", arguments.output);
    }
    return exit_code;
}

std::string mode_of(const std::string& path) {
    struct stat about{};
    if (stat(path.c_str(), &about) != 0) return "";
    return fmt::format("{:04o}", static_cast<unsigned>(about.st_mode & 07777));
}

// Of one source; what is not known of one that cannot be used is null.
std::string source_json(const config::KeySettings& keys, const Result<privacy::Keyring>& keyring,
                        const std::vector<std::string>& warnings) {
    JsonObject object;
    object.text_or_null("file", keys.file).text_or_null("env", keys.env);
    object.text_or_null("secret", secrets::shown(keys.secret));
    object.text_or_null("active", keyring ? keyring->active_id() : std::string());
    object.texts("ids", keyring ? keyring->ids() : std::vector<std::string>());
    object.text_or_null("mode", keys.file.empty() ? std::string() : mode_of(keys.file));
    object.texts("warnings", warnings).text_or_null("error", keyring ? std::string() : keyring.error().detail);
    return object.done();
}

// `json`: where an object of this source is added; nullptr: text is printed.
int check_source(const config::KeySettings& keys, std::vector<std::string>* json) {
    std::vector<std::string> warnings;
    const auto keyring = open_keyring(keys, warnings);
    if (json != nullptr) json->push_back(source_json(keys, keyring, warnings));
    for (const auto& warning : warnings) fmt::print(stderr, "warning: {}\n", warning);
    if (!keyring) {
        fmt::print(stderr, "{}\n", keyring.error().detail);
        return kUsage;
    }
    if (json != nullptr) return kDone;
    std::string others;
    for (const auto& id : keyring->ids()) {
        if (id != keyring->active_id()) others += (others.empty() ? "" : ", ") + id;
    }
    fmt::print("{}: {} is active{}{}\n", place_of(keys), keyring->active_id(),
               others.empty() ? std::string(", no other key") : ", for older tokens and dead letters: " + others,
               keys.file.empty() ? std::string() : ", mode " + mode_of(keys.file));
    return kDone;
}

// Of a configuration: every distinct source, even where one of them cannot be used.
int check_keys(const KeyArguments& arguments) {
    if (arguments.file.empty() == arguments.configuration.empty()) {
        return tell(kUsage, "check takes a key file, or -c and a configuration that names one; not both");
    }
    std::vector<std::string> objects;
    auto* json = arguments.json() ? &objects : nullptr;
    const auto tell_objects = [&](int exit_code) {
        if (json != nullptr) fmt::print("{}\n", JsonObject().array("keys", objects).done());
        return exit_code;
    };
    if (arguments.configuration.empty()) {
        config::KeySettings keys;
        keys.file = arguments.file;
        return tell_objects(check_source(keys, json));
    }
    const auto settings = load_or_tell(arguments.configuration);
    if (!settings) return kUsage;
    std::set<std::string> seen;
    int exit_code = kDone;
    for (const auto& pipeline : settings->pipelines) {
        if (!seen.insert(source_of(pipeline.keys)).second) continue;
        exit_code = std::max(exit_code, check_source(pipeline.keys, json));
    }
    return tell_objects(exit_code);
}

}  // namespace

void add_key(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<KeyArguments>();
    auto* command = app.add_subcommand("key", "Make a key file, or tell what one says");
    command->require_subcommand(1);

    auto* fresh = command->add_subcommand("new", "Make a new random key");
    fresh->add_option("-o,--output", arguments->output, "The file to make, mode 0600 (default: standard output)");
    fresh->add_option("--format", arguments->format, "text, or json: one object (docs/json.md)")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    fresh->callback([&exit_code, arguments] { exit_code = make_key(*arguments); });

    auto* check = command->add_subcommand("check", "Tell a key file's ids, which is active, and its mode; never a key");
    check->add_option("-c,--config", arguments->configuration, "A configuration that names the key file");
    check->add_option("file", arguments->file, "The key file");
    check->add_option("--format", arguments->format, "text, or json: one object (docs/json.md)")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    check->callback([&exit_code, arguments] { exit_code = check_keys(*arguments); });
}

}  // namespace sqs2pg::cli
