internal import SimpulCore

extension ClockPolicy {
    /// The clocks of a policy that says nothing about them. Where a basis begins with `proposal`, no law gives the number.
    public static let standard = ClockPolicy(
        levels: standardLevels, types: standardTypes, cases: standardCases,
        override: CapRow(
            .hours(24), basis: "proposal, after Primero consent_overridden: somebody looks again within a day"),
        statutory: standardStatutory, calendar: .standard)

    private static let standardLevels: [ClockLevel: LevelRow] = [
        .first: LevelRow(
            [.acknowledge: .minutes(15), .decide: .hours(1), .serve: .hours(24), .next: .days(7)],
            basis: "15m proposal; 1h Primero 1_hour; 24h referral form EMERGENCY_24H, UU 12/2022 1x24 jam"),
        .second: LevelRow(
            [.acknowledge: .hours(4), .decide: .hours(24), .serve: .hours(72), .next: .days(7)],
            basis: "4h proposal; 24h Primero 1_day; 72h referral form URGENT_72H, Primero 3_days"),
        .third: LevelRow(
            [.acknowledge: .workingDays(1), .decide: .days(3), .serve: .days(14), .next: .days(14)],
            basis: "proposal; 14d referral form NORMAL_2W"),
    ]

    private static let standardTypes: [MessageType: ClockRow] = [
        .alert: ClockRow(
            .header, [.acknowledge: .level, .decide: .level, .serve: .level],
            basis: "proposal: somebody may be in danger now"),
        .tip: ClockRow(
            .header, [.acknowledge: .level, .decide: .level],
            basis: "proposal: decided is triaged; a tip asks for no service"),
        .screening: ClockRow(
            .header, [.acknowledge: .level, .review: .span(.days(7))],
            basis:
                "proposal: 7d after an initial screening; a full one may have 30d, which the header does not tell apart"
        ),
        .referral: ClockRow(
            .header, [.acknowledge: .level, .decide: .level, .serve: .level],
            basis: "inter-agency referral form; UU 21/2007 Pasal 52-53 caps the first service"),
        .referralStatus: ClockRow(
            .answered, [.acknowledge: .span(.hours(24)), .next: .level],
            basis: "proposal: a status at least every 7d, 14d at L3, while the referral is open"),
        .outcome: ClockRow(.answered, [.acknowledge: .span(.hours(24))], basis: "proposal"),
        .legalProgress: ClockRow(
            .fixed(.third), [.acknowledge: .level],
            basis: "proposal; UU 31/2014 Pasal 5 ayat (1) huruf f-h: hak atas informasi, tanpa tenggat"),
        .evidenceNotice: ClockRow(.header, [.acknowledge: .level], basis: "proposal"),
        .return: ClockRow(
            .header, [.acknowledge: .level], basis: "proposal: a step is told, and nothing is asked"),
        .infoRequest: ClockRow(
            .header, [.acknowledge: .level, .decide: .span(.days(3))], basis: "proposal: 3d to grant or deny"),
        .infoResponse: ClockRow(.fixed(.third), [.acknowledge: .level], basis: "proposal"),
        .consent: ClockRow(.fixed(.third), [.acknowledge: .level], basis: "proposal: a grant or a change is only told"),
        .amendment: ClockRow(nil, [.acknowledge: .span(.hours(24))], basis: "proposal: nobody acts on what was wrong"),
        .withdrawal: ClockRow(nil, [.acknowledge: .span(.hours(24))], basis: "proposal: nobody acts on what was wrong"),
        .recall: ClockRow(nil, [.acknowledge: .span(.hours(24))], basis: "proposal: nobody acts on what was wrong"),
        .correlationNotice: ClockRow(
            .header, [.acknowledge: .level, .decide: .span(.days(3))],
            basis: "proposal: 3d to say whether one is willing"),
        .securityIncident: ClockRow(
            nil, [.acknowledge: .span(.hours(1)), .serve: .span(.hours(72))],
            basis: "1h proposal; UU 27/2022 (PDP) Pasal 46: pemberitahuan paling lambat 3x24 jam"),
        .caseConference: ClockRow(.fixed(.third), [.acknowledge: .level], basis: "proposal"),
        .activityReport: ClockRow(nil, basis: "proposal: nothing is owed"),
        .feedback: ClockRow(nil, basis: "proposal: nothing is owed, and nobody could be asked"),
        .bulletin: ClockRow(nil, basis: "proposal: nothing is owed"),
        .directory: ClockRow(nil, basis: "proposal: nothing is owed"),
        .correlationSubmit: ClockRow(nil, basis: "proposal: nothing is owed"),
    ]

    private static let standardCases: [ClockCase: ClockRow] = [
        .screeningEnded: ClockRow(.header, [.acknowledge: .level], basis: "proposal: nothing is left to review"),
        .referralRefused: ClockRow(
            .answered, [.acknowledge: .level], basis: "proposal: the person is without help until the referrer knows"),
        .referralEnded: ClockRow(.answered, [.acknowledge: .span(.hours(24))], basis: "proposal: no status follows"),
        .outcomeInterim: ClockRow(
            .answered, [.acknowledge: .span(.hours(24)), .next: .level], basis: "proposal: as a status of a referral"),
        .preservationRequest: ClockRow(
            .header, [.acknowledge: .level(atMost: .hours(4))], basis: "proposal: recordings of cameras are overwritten"
        ),
        .release: ClockRow(
            .fixed(.first), [.acknowledge: .level],
            basis: "proposal; UU 31/2014 Pasal 5 ayat (1): hak mengetahui pembebasan terpidana"),
        .returnAsked: ClockRow(
            .header, [.acknowledge: .level, .decide: .level, .serve: .level(atMost: .days(7))],
            basis: "UU 21/2007 Pasal 52-54: pemulangan; 7d as for rehabilitation and reintegration"),
        .lifeAtRisk: ClockRow(
            .fixed(.first), [.acknowledge: .level, .decide: .level], basis: "proposal: the answer may save somebody"),
        .dataSubjectRequest: ClockRow(
            nil, [.acknowledge: .span(.hours(24)), .serve: .span(.hours(72))],
            basis: "UU 27/2022 (PDP) Pasal 40-41: paling lambat 3x24 jam; 24h proposal"),
        .correctionAnswer: ClockRow(.fixed(.third), [.acknowledge: .level], basis: "proposal"),
        .correlationEnded: ClockRow(.header, [.acknowledge: .level], basis: "proposal: nobody is asked any more"),
        .conferenceInvitation: ClockRow(
            .fixed(.third), [.acknowledge: .level, .decide: .level], basis: "proposal: an invitation wants an answer"),
    ]

    private static let standardStatutory: [String: CapRow] = [
        "UU21-52": CapRow(.days(7), basis: "UU 21/2007 Pasal 52: rehabilitasi paling lambat 7 hari sejak permohonan"),
        "UU21-53": CapRow(.days(7), basis: "UU 21/2007 Pasal 53: pertolongan pertama paling lambat 7 hari"),
    ]
}

extension ClockSpan {
    fileprivate static func minutes(_ count: Int64) -> ClockSpan { .elapsed(seconds: count * 60) }
    fileprivate static func hours(_ count: Int64) -> ClockSpan { .elapsed(seconds: count * 3600) }
    fileprivate static func days(_ count: Int64) -> ClockSpan { .elapsed(seconds: count * 86400) }
}

extension WorkingCalendar {
    /// The office hours of Indonesian agencies in the west of the country, and the national holidays of 2026.
    public static let standard: WorkingCalendar = {
        let calendar = WorkingCalendar(
            offsetMinutes: 7 * 60, weekdays: [.monday, .tuesday, .wednesday, .thursday, .friday], hours: 450..<960,
            holidays: nationalHolidays.compactMap { text, name in CalendarDay(text).map { Holiday($0, name) } },
            validThrough: CalendarDay("2026-12-31") ?? CalendarDay(number: 0),
            basis:
                "Perpres 21/2023: Senin-Jumat mulai 07.30; SKB 3 Menteri 1497, 2 dan 5 Tahun 2025: libur nasional 2026")
        guard let calendar else { preconditionFailure("the calendar of this program is one") }
        return calendar
    }()

    /// The seventeen of the joint ministerial decree for 2026. Joint leave (cuti bersama) is no holiday: agencies that
    /// serve the public work on it.
    private static let nationalHolidays: [(String, String)] = [
        ("2026-01-01", "Tahun Baru Masehi"), ("2026-01-16", "Isra Mikraj"), ("2026-02-17", "Tahun Baru Imlek"),
        ("2026-03-19", "Nyepi"), ("2026-03-21", "Idulfitri"), ("2026-03-22", "Idulfitri"),
        ("2026-04-03", "Wafat Yesus Kristus"), ("2026-04-05", "Paskah"), ("2026-05-01", "Hari Buruh"),
        ("2026-05-14", "Kenaikan Yesus Kristus"), ("2026-05-27", "Iduladha"), ("2026-05-31", "Waisak"),
        ("2026-06-01", "Hari Lahir Pancasila"), ("2026-06-16", "Tahun Baru Islam"),
        ("2026-08-17", "Hari Kemerdekaan"), ("2026-08-25", "Maulid Nabi"), ("2026-12-25", "Natal"),
    ]
}
