#include "radon/runtime/destination.h"

#include "check.h"

static void check_parts(const char *text, const char *node, const char *name, const char *atom,
                        uint32_t number)
{
    radon_destination_t parts;
    if (!radon_destination_parse(&parts, radon_bytes_text(text))) {
        check_fail(__FILE__, __LINE__, "%s is refused", text);
        return;
    }
    CHECK_BYTES(parts.node.data, parts.node.len, node, strlen(node));
    CHECK_BYTES(parts.name.data, parts.name.len, name, strlen(name));
    CHECK_BYTES(parts.atom.data, parts.atom.len, atom, strlen(atom));
    CHECK_EQ(parts.number, number);
}

TEST(names_instances_and_nodes_are_taken_apart)
{
    check_parts("rain", "", "rain", "rain", 0);
    check_parts("a-1", "", "a-1", "a-1", 0);
    check_parts("worker~2", "", "worker~2", "worker", 2);
    check_parts("roof/rain", "roof", "rain", "rain", 0);
    check_parts("roof/worker~4294967295", "roof", "worker~4294967295", "worker", UINT32_MAX);
    check_parts("worker~9999999999", "", "worker~9999999999", "worker", UINT32_MAX);
    check_parts("abcdefghijklmnopqrstuvwxyz-01234/abcdefghijklmnopqrstuvwxyz-01234~1",
                "abcdefghijklmnopqrstuvwxyz-01234", "abcdefghijklmnopqrstuvwxyz-01234~1",
                "abcdefghijklmnopqrstuvwxyz-01234", 1);
}

TEST(texts_that_name_nobody_are_refused)
{
    static const char *const texts[] = {
        "",
        "Rain",
        "1rain",
        "-rain",
        "ra in",
        "rain/",
        "/rain",
        "a/b/c",
        "rain~",
        "rain~0",
        "rain~01",
        "rain~x",
        "rain~1~2",
        "~1",
        "roof/",
        "roof~1/rain",
        "rain~99999999999",
        "rain\n",
        "r\xc3\xa4in",
        "*",
        "rain~-1",
        "abcdefghijklmnopqrstuvwxyz-012345",
    };
    radon_destination_t parts;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (radon_destination_parse(&parts, radon_bytes_text(texts[i]))) {
            check_fail(__FILE__, __LINE__, "%s is taken", texts[i]);
        }
    }
}

int main(void)
{
    RUN(names_instances_and_nodes_are_taken_apart);
    RUN(texts_that_name_nobody_are_refused);
    return check_summary();
}
