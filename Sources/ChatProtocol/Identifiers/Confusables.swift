/// Letters of other scripts that look like ASCII's: two names that differ only by such are taken for the same name.
///
/// After the skeletons of Unicode Technical Standard 39, section 4, with these differences. Case is folded first, so of a
/// letter whose two cases resemble different letters one resemblance counts. Only the scripts are here that keyboards have
/// and that come with look-alikes for most of a word: Cyrillic, Greek, Armenian, the small capitals and other variants of
/// Latin letters, hyphens and apostrophes; and no two letters of one script count as one. Within ASCII nothing is folded but case: `ann1` and `annl` are two names, for
/// names with numbers are common, and `m` is not `rn`.
enum Confusables {
    /// Each character stands before the one it is taken for.
    private static let pairs =
        // Cyrillic
        "аaвbеeкkмmнhоoрpсcтtуyхxіiјjѕsһhԁdԛqԝwӏlѵv"
        // Greek
        + "αaβbεeζzηhιiκkμmνvοoρpτtυyχxϳj"
        // Armenian
        + "օoոnսuհhցgզqյj"
        // Latin
        + "ıiɑaɡgɩiǀlȷjᴀaʙbᴄcᴅdᴇeꜰfɢgʜhɪiᴊjᴋkʟlᴍmɴnᴏoᴘpʀrꜱsᴛtᴜuᴠvᴡwʏyᴢz"
        // Hyphens and apostrophes
        + "‐-‒-–-—-−-⁃-’'‘'ʼ'′'ˈ'ʹ'"

    private static let table: [Unicode.Scalar: Unicode.Scalar] = {
        let scalars = Array(Self.pairs.unicodeScalars)
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        for index in stride(from: 0, to: scalars.count - 1, by: 2) {
            table[scalars[index]] = scalars[index + 1]
        }
        return table
    }()

    /// What a character of a name in lower case is taken for; most for themselves.
    static func prototype(of scalar: Unicode.Scalar) -> Unicode.Scalar {
        scalar.isASCII ? scalar : Self.table[scalar] ?? scalar
    }
}
