"""The flame graph of bench/flame.py: stacks out of what perf tells, and a drawing whose widths are their shares."""
import sys
from xml.etree import ElementTree

import pytest
from sqs_servers import CHECKOUT

sys.path.insert(0, str(CHECKOUT / "bench"))

from harness.flame import flame, plain, stacks  # noqa: E402

SCRIPT = """
    ffffffff81a0 tcp_sendmsg
    ffffffff81a1 do_syscall_64
        7f00aa10 __libc_sendmsg
        55aa0010 sqs2pg::net::Stream::write(std::string_view) (.resume)
        55aa0020 boost::asio::detail::scheduler::run(boost::system::error_code&)
        55aa0021 boost::asio::detail::epoll_reactor::run(long)
        55aa0030 root

        7f00aa20 operator new[](unsigned long)
        55aa0011 sqs2pg::sqs::(anonymous namespace)::read<std::vector<int>, false>
        55aa0030 root

        7f00aa20 operator new[](unsigned long)
        55aa0011 sqs2pg::sqs::(anonymous namespace)::read<std::vector<int>, false>
        55aa0030 root

        55aa0099 elsewhere
""".replace("ffffffff81", "ffffffff81000000").splitlines()


@pytest.mark.parametrize("name, kept", [
    ("sqs2pg::net::Client::send<std::pair<int, int>>(int, char const*)", "sqs2pg::net::Client::send"),
    ("sqs2pg::sqs::(anonymous namespace)::read[abi:cxx11]", "sqs2pg::sqs::read"),
    ("boost::f::operator()<long const&>(long const&)", "boost::f::operator()"),
    ("main+0x1f", "main")])
def test_names_lose_what_stands_in_brackets(name, kept):
    assert plain(name) == kept


def test_the_kernel_and_asio_are_one_frame_each():
    assert list(stacks(SCRIPT))[0] == ["root", "asio", "sqs2pg::net::Stream::write", "__libc_sendmsg", "kernel"]


def test_a_frame_is_as_wide_as_its_share_and_stands_on_its_caller():
    drawn = ElementTree.fromstring(flame("Where", stacks(SCRIPT), "root"))
    space = "{http://www.w3.org/2000/svg}"
    frames = {group.find(space + "title").text: group.find(space + "rect") for group in drawn.iter(space + "g")}
    assert list(frames) == ["sqs2pg::sqs::read: 66.7 %", "operator new: 66.7 %", "asio: 33.3 %",
                            "sqs2pg::net::Stream::write: 33.3 %", "__libc_sendmsg: 33.3 %", "kernel: 33.3 %"]
    read, new, asio = (frames[name] for name in list(frames)[:3])
    assert float(read.get("width")) == pytest.approx(2 * float(asio.get("width")), abs=1)
    assert float(new.get("y")) < float(read.get("y")) and new.get("x") == read.get("x")


def test_without_a_sample_on_the_root_it_says_so():
    with pytest.raises(ValueError, match="no sample stands on main"):
        flame("Where", stacks(SCRIPT), "main")
