import Foundation

/// Times for people who look at a cluster from several places: always UTC, and saying so.
enum UTCTime {
    /// `2026-11-21T06:16:00Z`.
    ///
    /// - Parameter milliseconds: since the Unix epoch.
    static func format(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
    }
}
