// stderr as a terminal that log lines and a progress bar share: a line erases the bar, is written and the bar is drawn
// again below it. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "cli/progress.h"

namespace sqs2pg::cli {

class Terminal {
   public:
    // A bar makes sense: stderr is a terminal that can move its cursor (TERM is not "dumb").
    static bool can_redraw();
    // Width, colour (NO_COLOR is respected) and character set of stderr, asked anew: windows are resized.
    static Look look();

    ~Terminal() { erase(); }

    void line(std::string_view text);  // above the bar; a newline is added
    void draw(std::string bar);        // replaces the bar
    void erase();                      // takes the bar away for good

   private:
    void put(std::string_view text);

    std::mutex mutex_;
    std::string bar_;
};

}  // namespace sqs2pg::cli
