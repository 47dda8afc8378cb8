/// Columns for a terminal or for `awk`: padded with spaces, two between columns, none at the end of a line.
struct TextTable {
    private var rows: [[String]]

    init(header: [String]) {
        rows = [header]
    }

    /// Missing cells are empty; control characters are escaped.
    mutating func add(_ cells: [String]) {
        rows.append(
            cells.map { cell in
                var escaped = ""
                escaped.appendEscaped(cell)
                return escaped.isEmpty ? "-" : escaped
            }
        )
    }

    var isEmpty: Bool { rows.count == 1 }

    /// Ends with a line break.
    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? DisplayWidth.of($0[column]) : 0 }.max() ?? 0
        }
        return rows.reduce(into: "") { text, row in
            for (column, cell) in row.enumerated() {
                text += cell
                let isLast = column == row.count - 1
                if !isLast { text += String(repeating: " ", count: widths[column] - DisplayWidth.of(cell) + 2) }
            }
            text += "\n"
        }
    }
}
