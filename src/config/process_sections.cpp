// Sections of the process, see process_sections.h.
#include "config/process_sections.h"

#include <fmt/core.h>

#include "config/section.h"
#include "config/values.h"

namespace sqs2pg::config {

void read_process_section(std::string_view name, const Node& node, Settings& settings, Report& report) {
    Section section(node, name, fmt::format("`{}`", name), node.place, report);
    if (name == "ops") {
        settings.ops.listen = section.text("listen");
        if (!valid_listen(settings.ops.listen)) {
            report.mistake(section.place_of("listen"), "`listen` is HOST:PORT, such as `127.0.0.1:9464`, or `off`");
        }
    } else if (name == "log") {
        if (section.has("format")) settings.log_format = section.text("format");
        if (section.has("level")) settings.log_level = section.text("level");
    } else if (name == "dead_letters") {
        settings.dead_letter_retention_days = static_cast<int>(section.number("retention_days"));
    }
}

}  // namespace sqs2pg::config
