// Files, see files.h.
#include "config/files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sqs2pg::config {
namespace {

auto refuse(std::string detail) {
    return fail(ErrorKind::Configuration, Stage::Configure, "configuration_file", std::move(detail));
}

std::string why_unreadable(int code) {
    switch (code) {
        case ENOENT:
        case ENOTDIR:
            return "is not there";
        case EACCES:
            return "cannot be read: permission denied";
        case EISDIR:
            return "is a folder";
        default:
            return "cannot be read";
    }
}

}  // namespace

Result<SmallFile> read_small_file(const std::string& path, std::size_t most) {
    int number = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (number < 0) return refuse(why_unreadable(errno));
    SmallFile file;
    struct stat about{};
    int code = fstat(number, &about) == 0 ? 0 : errno;
    // A pipe is taken too: `-c <(generate)`.
    if (code == 0 && S_ISDIR(about.st_mode)) code = EISDIR;
    file.world_readable = S_ISREG(about.st_mode) && (about.st_mode & S_IROTH) != 0;
    std::array<char, 16384> buffer;
    while (code == 0 && file.text.size() <= most) {
        auto got = read(number, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) code = errno;
        if (got <= 0) break;
        file.text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    close(number);
    if (code != 0) return refuse(why_unreadable(code));
    if (file.text.size() > most) return refuse(fmt::format("is larger than {} bytes", most));
    return file;
}

Result<std::vector<std::string>> configuration_files(const std::string& path) {
    std::error_code code;
    if (!std::filesystem::is_directory(path, code)) return std::vector<std::string>{path};
    std::vector<std::string> files;
    auto entries = std::filesystem::directory_iterator(path, code);
    for (; !code && entries != std::filesystem::directory_iterator(); entries.increment(code)) {
        auto name = entries->path().filename().string();
        auto extension = entries->path().extension();
        if (name.starts_with('.') || (extension != ".yaml" && extension != ".yml")) continue;
        std::error_code ignored;
        if (entries->is_directory(ignored)) continue;
        files.push_back(entries->path().string());
    }
    if (code) return refuse("cannot be read: " + code.message());
    if (files.empty()) return refuse("is a folder without a *.yaml or *.yml file");
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace sqs2pg::config
