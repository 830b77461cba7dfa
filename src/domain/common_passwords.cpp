// The passwords that everybody tries first. Only those long enough for the length rule are listed:
// shorter ones are refused by it. Lower case and sorted, for a binary search.
#include <array>

#include "cxb/domain/password_rules.hpp"

namespace cxb::inline v1 {
namespace domain {
namespace {

constexpr std::array<std::string_view, 336> list{
    "0000000000", "0123456789", "0987654321", "1029384756", "1111111111", "1122334455",
    "1212121212", "1231231231", "123123123123", "123321123321", "1234512345", "12345123451",
    "123456123456", "123456654321", "1234567890", "12345678900", "1234567891", "12345678910",
    "1234567899", "123456789a", "123456789q", "1357924680", "1q2w3e4r5t", "1q2w3e4r5t6y",
    "1qaz2wsx3edc", "1qazxsw23edc", "2222222222", "3333333333", "4444444444", "5555555555",
    "6666666666", "7777777777", "8888888888", "9876543210", "9999999999", "a123456789",
    "a1b2c3d4e5", "aa12345678", "abc1234567", "abc123456789", "abcd123456", "abcde12345",
    "abcdef1234", "abcdefg123", "abcdefghij", "abcdefghijk", "abcdefghijkl", "access1234",
    "access12345", "admin12345", "admin123456", "admin@1234", "admin@12345", "admin@123456",
    "administrator", "administrator1", "administrator123", "agent12345", "agentpassword",
    "alexander1", "alexandra1", "arsenal123", "asdf123456", "asdfasdfasdf", "asdfgh12345",
    "asdfghjkl1", "asdfghjkl123", "asdfghjkl;", "autumn2024", "autumn2025", "barcelona1",
    "barcelona123", "baseball123", "baseball1234", "basketball", "basketball1", "basketball123",
    "batman1234", "batman12345", "blackberry", "butterfly1", "butterfly123", "callcenter",
    "callcenter1", "callcenter123", "callcentre123", "changeme12", "changeme123", "changeme1234",
    "changemenow", "changepassword", "changethis", "charlotte1", "chelsea123", "chocolate1",
    "chocolate123", "christina1", "christopher", "company123", "company1234", "computer123",
    "computer1234", "contactcenter", "contactcentre", "correcthorsebatterystaple", "customercare",
    "december12", "default123", "defaultpassword", "delhi12345", "demo123456", "demopassword",
    "dragon1234", "dragon12345", "dragonball", "dragonballz", "elizabeth1", "facebook123",
    "facebook1234", "football123", "football1234", "forever1234", "freedom1234", "friday1234",
    "ganesh1234", "google1234", "google12345", "guest12345", "hello12345", "hello123456",
    "hellohello", "helloworld", "helloworld1", "helloworld123", "iloveyou11", "iloveyou12",
    "iloveyou123", "iloveyou1234", "iloveyou2024", "iloveyou22", "iloveyoubaby",
    "iloveyouforever", "iloveyousomuch", "india12345", "india@1234", "india@12345", "instagram1",
    "instagram123", "internet123", "internet1234", "iphone1234", "jaimatadi1", "jaishriram",
    "january2024", "january2025", "january2026", "jennifer123", "jessica123", "krishna123",
    "krishna1234", "letmein123", "letmein1234", "letmein2024", "letmeinnow", "linkedin123",
    "liverpool1", "liverpool123", "login12345", "loginlogin", "lovelove123", "loveyou123",
    "manchester", "manchester1", "manchesterunited", "master1234", "master12345", "michael123",
    "michelle123", "minecraft1", "minecraft123", "mnbvcxzlkjhgfdsa", "monday1234", "monkey1234",
    "monkey12345", "motorola123", "mumbai1234", "mustang123", "mypassword", "mypassword1",
    "mypassword123", "newpassword", "newpassword1", "newpassword123", "nothing1234", "november11",
    "office2024", "omnamahshivaya", "p@ssw0rd12", "p@ssw0rd123", "p@ssw0rd1234", "p@ssword12",
    "p@ssword123", "pa$$w0rd123", "pa$$word123", "passw0rd12", "passw0rd123", "passw0rd1234",
    "password#123", "password1!", "password10", "password11", "password12", "password123",
    "password123!", "password1234", "password12345", "password123456", "password2020",
    "password2021", "password2022", "password2023", "password2024", "password2025",
    "password2026", "password@1", "password@12", "password@123", "password@1234",
    "passwordpassword", "poiuytrewq", "pokemon123", "pokemon1234", "princess123", "princess1234",
    "q1w2e3r4t5", "q1w2e3r4t5y6", "qazwsxedc123", "qazwsxedcrfv", "qweasdzxc1", "qweasdzxc123",
    "qwer123456", "qwert12345", "qwerty123!", "qwerty1234", "qwerty12345", "qwerty123456",
    "qwertyqwerty", "qwertyu123", "qwertyuiop", "qwertyuiop1", "qwertyuiop123", "qwertyuiop[]",
    "qwertyuiopasdfghjkl", "realmadrid", "realmadrid1", "root123456", "root@12345",
    "rootpassword", "sairam1234", "samsung123", "samsung1234", "secret1234", "secret12345",
    "secretpassword", "september1", "shadow1234", "spiderman1", "spiderman123", "spring2024",
    "spring2025", "spring2026", "starwars123", "starwars1234", "stephanie1", "strawberry",
    "strawberry1", "summer2023", "summer2024", "summer2025", "summer2026", "sunshine123",
    "sunshine1234", "superadmin", "superadmin1", "superadmin123", "superman123", "superman1234",
    "superuser1", "superuser123", "supervisor", "supervisor1", "supervisor123", "sysadmin123",
    "temp123456", "temporary1", "temporary123", "temppassword", "test123456", "test1234567",
    "testing123", "testing1234", "testpassword", "testtest123", "thepassword", "topsecret1",
    "topsecret123", "trustno1234", "user123456", "username123", "useruser123", "voicebridge",
    "voxbridge1", "voxbridge123", "welcome123", "welcome1234", "welcome12345", "welcome2023",
    "welcome2024", "welcome2025", "welcome2026", "welcome@123", "welcome@1234",
    "welcometothejungle", "whatever123", "whatever1234", "winter2023", "winter2024", "winter2025",
    "winter2026", "yourpassword", "youtube123", "zaq12wsxcde3", "zxcvbnm,./", "zxcvbnm123",
    "zxcvbnm1234", "zxcvbnm12345",
};

}  // namespace

std::span<std::string_view const> common_passwords() noexcept { return list; }

}  // namespace domain
}  // namespace cxb::inline v1
