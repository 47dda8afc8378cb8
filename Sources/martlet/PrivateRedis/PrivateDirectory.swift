import Foundation
import SystemPackage

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Directories that only this user may enter.
enum PrivateDirectory {
    /// Makes the directory, with mode 0700, and those above it that are missing. One that exists stays as it is.
    ///
    /// - Throws: ``UserFacingError``.
    static func create(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw UserFacingError(
                "cannot make the directory \(path) (\(reason(of: error))): give one this user may write to with --data DIR"
            )
        }
    }

    /// Makes the directory and checks that nobody else can have put something there: `/tmp` is everybody's.
    ///
    /// - Throws: ``UserFacingError`` when it is a link, another user's, or open to others.
    static func createTrusted(_ path: String) throws {
        try create(path)
        // Of a link its own attributes, not those of what it points to.
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            attributes[.type] as? FileAttributeType == .typeDirectory,
            (attributes[.ownerAccountID] as? NSNumber)?.uint32Value == geteuid(),
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue
        else {
            throw UserFacingError(
                "\(path) is not a directory of this user's, and the private Redis needs one there: remove it"
            )
        }
        guard mode & 0o077 == 0 || chmod(path, 0o700) == 0 else {
            throw UserFacingError("the directory \(path) is open to other users: run `chmod 700 \(path)`")
        }
    }

    /// What `Errno` says, where Foundation wraps one.
    static func reason(of error: any Error) -> String {
        if let error = error as? Errno { return error.description }
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError ?? (error as NSError)
        if underlying.domain == NSPOSIXErrorDomain { return Errno(rawValue: Int32(underlying.code)).description }
        return underlying.localizedDescription
    }
}
