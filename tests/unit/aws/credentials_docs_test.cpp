// docs/credentials.md shows the order that the program follows.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "aws/credentials_chain.h"

namespace sqs2pg::aws {
namespace {

TEST(CredentialsDocs, HoldTheOrderThatTheProgramFollows) {
    namespace fs = std::filesystem;
    fs::path page;
    for (auto folder = fs::current_path(); page.empty() && folder.has_relative_path(); folder = folder.parent_path()) {
        if (fs::exists(folder / "docs/credentials.md")) page = folder / "docs/credentials.md";
    }
    if (page.empty()) {
        if (std::getenv("CI") != nullptr) FAIL() << "run this test in the checkout or below it";
        GTEST_SKIP() << "not run in the checkout or below it";
    }
    std::ifstream in(page);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    EXPECT_NE(text.find(credentials_chain_markdown()), std::string::npos) << "docs/credentials.md should hold:\n"
                                                                          << credentials_chain_markdown();
}

}  // namespace
}  // namespace sqs2pg::aws
