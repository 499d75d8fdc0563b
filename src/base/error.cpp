// Names and texts of errors, see error.h.
#include "base/error.h"

namespace sqs2pg {

std::string_view name_of(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::Retry:
            return "retry";
        case ErrorKind::Throttled:
            return "throttled";
        case ErrorKind::Credentials:
            return "credentials";
        case ErrorKind::Configuration:
            return "configuration";
        case ErrorKind::BadMessage:
            return "bad_message";
        case ErrorKind::BadRow:
            return "bad_row";
        case ErrorKind::InDoubt:
            return "in_doubt";
        case ErrorKind::Stopping:
            return "stopping";
    }
    return "unknown";
}

std::string_view name_of(Stage stage) noexcept {
    switch (stage) {
        case Stage::Start:
            return "start";
        case Stage::Receive:
            return "receive";
        case Stage::Decode:
            return "decode";
        case Stage::Map:
            return "map";
        case Stage::Mask:
            return "mask";
        case Stage::Batch:
            return "batch";
        case Stage::Write:
            return "write";
        case Stage::Settle:
            return "settle";
        case Stage::Keep:
            return "keep";
        case Stage::Configure:
            return "configure";
        case Stage::Serve:
            return "serve";
    }
    return "unknown";
}

std::string describe(const Error& error) {
    std::string text(name_of(error.stage));
    if (!error.code.empty()) {
        text += ": ";
        text += error.code;
    }
    if (!error.detail.empty()) {
        text += ": ";
        text += error.detail;
    }
    return text;
}

}  // namespace sqs2pg
