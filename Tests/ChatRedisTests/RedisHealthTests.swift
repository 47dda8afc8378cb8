import Testing

@testable import ChatRedis

@Suite struct RedisHealthTests {
    @Test(arguments: [("6.2.0", false), ("7.0.15", false), ("10.0.0", false), ("6.0.16", true), ("5.0.7", true)])
    func versionsBeforeSixTwoAreTooOld(version: String, isTooOld: Bool) {
        let problem = RedisHealth.problem(server: ["redis_version": version], memory: [:])
        #expect(problem == (isTooOld ? .tooOld(version: version) : nil))
    }

    @Test func whatIsNotSaidIsNoProblem() {
        #expect(RedisHealth.problem(server: [:], memory: ["maxmemory": "5"]) == nil)
    }

    @Test func aPolicyCountsEvenWithoutALimitForThatMayBeSetLater() {
        let problem = RedisHealth.problem(server: [:], memory: ["maxmemory": "0", "maxmemory_policy": "volatile-ttl"])
        #expect(problem == .evicts(policy: "volatile-ttl"))
    }
}
