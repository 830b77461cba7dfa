// The object store of the process (spec 20 §1): a folder, or a bucket with both keys.
#include "server/server_common/settings_kit.hpp"

namespace cxb::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

using SettingsObjects = SettingsTest;

TEST_F(SettingsObjects, ABucketNeedsBothKeys) {
    env("CXB_OBJECTS_URL", "s3://calls?endpoint=http://minio:9000&region=in-1");
    EXPECT_THAT(api_problems(),
                ElementsAre("fault: objects.access_key: must be set for objects.url s3://",
                            "fault: objects.secret_key: must be set for objects.url s3://"));
    env("CXB_OBJECTS_ACCESS_KEY", "key");
    env("CXB_OBJECTS_SECRET_KEY_FILE", write("key", "hidden-word\n"));
    auto const at = api();
    EXPECT_EQ(at.store.objects_url, "s3://calls?endpoint=http://minio:9000&region=in-1");
    EXPECT_EQ(at.store.objects_secret_key.reveal(), "hidden-word");
}

TEST_F(SettingsObjects, AnAddressThatIsNoneIsNamed) {
    env("CXB_OBJECTS_ACCESS_KEY", "key");
    env("CXB_OBJECTS_SECRET_KEY", "hidden-word");
    for (auto const& [url, reason] :
         {std::pair{"ftp://x", "must be dir:PATH or s3://bucket?endpoint=&region="},
          {"dir:", "must be dir:PATH or s3://bucket?endpoint=&region="},
          {"s3://", "bucket: not the name of a bucket"},
          {"s3://a/b", "bucket: not the name of a bucket"},
          {"s3://calls?endpoint=http://169.254.169.254", "endpoint: URL leads to an address"},
          {"s3://calls?endpoint=http://u:hidden-word@minio", "endpoint: "},
          {"s3://calls?endpoint=http://minio/path", "endpoint: must have no path"},
          {"s3://calls?region=a/b", "region: not the name of a region"},
          {"s3://calls?access_key=hidden-word", "unknown parameter access_key"}}) {
        env("CXB_OBJECTS_URL", url);
        auto const problems = api_problems();
        ASSERT_EQ(problems.size(), 1U) << url;
        EXPECT_THAT(problems.front(), StartsWith("fault: objects.url: "));
        EXPECT_THAT(problems.front(), HasSubstr(reason));
        EXPECT_EQ(problems.front().find("hidden-word"), std::string::npos) << problems.front();
    }
    env("CXB_OBJECTS_URL", "dir:/var/lib/cxb");
    EXPECT_THAT(api_problems(), IsEmpty());
}

}  // namespace
}  // namespace cxb::server
