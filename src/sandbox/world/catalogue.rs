//! What the sandbox's merchant sells: a city's courses, cards, rentals and coffee.

/// A plan: its name, the name of one charge, the number of charges and their original price (fen), how much cheaper each
/// is than the one before, its duration in days, and whether the last charge is free.
pub(super) struct PlanOffer {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) charges: i64,
    pub(super) price: i64,
    pub(super) step: i64,
    pub(super) days: i64,
    pub(super) last_free: bool,
}

macro_rules! offers {
    ($($name:literal $unit:literal $charges:literal $price:literal $step:literal $days:literal $free:literal,)*) => {
        pub(super) const PLANS: &[PlanOffer] = &[$(PlanOffer {
            name: $name, unit: $unit, charges: $charges, price: $price, step: $step, days: $days, last_free: $free,
        }),*];
    };
}

offers! {
    "陶艺体验课4次" "次课" 4 9900 1100 120 true,
    "瑜伽月卡" "周" 4 12900 0 30 false,
    "洗车10次卡" "次" 10 3500 100 365 true,
    "少儿编程启蒙班" "节" 8 16800 800 180 false,
    "钢琴陪练12节" "节" 12 12000 300 240 true,
    "游泳私教6节" "节" 6 26000 1500 90 false,
    "英语口语一对一" "课时" 10 19900 500 180 false,
    "健身季卡分月付" "月" 3 29900 2000 100 false,
    "咖啡师入门课" "节" 3 39900 5000 60 false,
    "书法周末班" "次课" 5 8800 400 90 true,
    "宠物洗护5次" "次" 5 12800 600 200 false,
    "产后修复疗程" "次" 6 49900 3000 120 false,
    "围棋入门课" "节" 8 9900 200 150 true,
    "亲子烘焙体验" "次" 2 15800 2000 30 false,
    "街舞体验月" "周" 4 8900 500 30 false,
    "羽毛球陪练" "次" 5 11000 500 60 false,
    "家政保洁4次" "次" 4 16900 900 90 false,
    "肩颈理疗卡" "次" 6 13800 800 120 true,
    "美术创意课" "节" 8 10800 300 180 false,
    "架子鼓小班" "节" 6 13800 500 120 false,
    "滑雪教练课" "节" 3 58000 4000 60 false,
    "普拉提小班课" "节" 5 14800 700 45 false,
    "花艺沙龙" "场" 3 26800 1800 90 false,
    "牙齿美白疗程" "次" 2 69900 10000 60 false,
    "摄影外拍课" "次" 3 32000 2000 75 false,
    "篮球训练营" "周" 8 19800 600 100 false,
    "茶艺入门" "节" 4 9800 500 60 true,
    "成人舞蹈季" "月" 3 39900 3000 110 false,
    "剧本写作课" "节" 6 15900 900 120 false,
    "头皮养护卡" "次" 5 16800 1000 150 false,
}

/// A service order without a sign plan: introduction, the line's name and how its price is calculated, the usual price
/// in fen, and whether the user confirms each order.
pub(super) struct ServiceOffer {
    pub(super) name: &'static str,
    pub(super) line: &'static str,
    pub(super) reckoning: &'static str,
    pub(super) price: i64,
    pub(super) confirm: bool,
    pub(super) risk_fund: (&'static str, i64),
    pub(super) place: &'static str,
}

pub(super) const SERVICES: &[ServiceOffer] = &[
    ServiceOffer {
        name: "共享单车骑行",
        line: "骑行费",
        reckoning: "1.5元/30分钟",
        price: 300,
        confirm: false,
        risk_fund: ("ESTIMATE_ORDER_COST", 5000),
        place: "人民广场站",
    },
    ServiceOffer {
        name: "充电宝租借",
        line: "租借费",
        reckoning: "3元/小时,每日封顶30元",
        price: 600,
        confirm: false,
        risk_fund: ("ESTIMATE_ORDER_COST", 9900),
        place: "万象城L3",
    },
    ServiceOffer {
        name: "停车先离场后付",
        line: "停车费",
        reckoning: "首小时10元",
        price: 2500,
        confirm: true,
        risk_fund: ("ESTIMATE_ORDER_COST", 20000),
        place: "中心广场B2",
    },
    ServiceOffer {
        name: "雨伞租借",
        line: "租借费",
        reckoning: "2元/12小时",
        price: 200,
        confirm: false,
        risk_fund: ("ESTIMATE_ORDER_COST", 3900),
        place: "地铁2号线A口",
    },
    ServiceOffer {
        name: "露营装备租赁",
        line: "租金",
        reckoning: "88元/天",
        price: 17600,
        confirm: true,
        risk_fund: ("DEPOSIT", 80000),
        place: "湖滨营地",
    },
    ServiceOffer {
        name: "新能源车充电",
        line: "电费",
        reckoning: "1.28元/度",
        price: 4680,
        confirm: false,
        risk_fund: ("ESTIMATE_ORDER_COST", 30000),
        place: "科技园充电站",
    },
    ServiceOffer {
        name: "自助洗衣",
        line: "洗衣费",
        reckoning: "标准洗4元/次",
        price: 400,
        confirm: false,
        risk_fund: ("ESTIMATE_ORDER_COST", 2000),
        place: "学生公寓3栋",
    },
    ServiceOffer {
        name: "相机租赁",
        line: "租金",
        reckoning: "120元/天",
        price: 24000,
        confirm: true,
        risk_fund: ("CASH_DEPOSIT", 300_000),
        place: "影像器材店",
    },
];

/// Articles sold by ordinary transactions, and their prices.
pub(super) const GOODS: &[(&str, i64)] = &[
    ("拿铁 大杯", 2880),
    ("手冲瑰夏", 4800),
    ("燕麦拿铁 冰", 3280),
    ("陶艺材料包", 6900),
    ("烘焙套餐", 15800),
    ("瑜伽垫", 19900),
    ("单次体验课", 4990),
    ("洗车 标准", 3500),
    ("儿童画材", 8800),
    ("会员充值 200元", 20000),
    ("下午茶双人", 12800),
    ("咖啡豆 500g", 9800),
    ("围棋套装", 15900),
    ("停车费", 1500),
    ("周边帆布袋", 3900),
    ("演出票 B区", 28000),
    ("门票 成人", 6000),
    ("可颂", 1600),
];

/// Reasons for refunds.
pub(super) const REASONS: &[&str] = &["商品已售完", "做错口味", "顾客取消预约", "重复付款", "质量问题", "价格有误"];

/// Coupon stocks: name, fen off, minimum amount in fen.
pub(super) const COUPONS: &[(&str, i64, i64)] = &[
    ("秋季满减", 500, 3000),
    ("新客立减", 1000, 5000),
    ("早餐券", 200, 1200),
    ("下午茶优惠", 800, 6000),
    ("会员日", 1500, 10000),
    ("课程体验券", 3000, 9900),
    ("周末畅饮", 600, 4000),
    ("开学季", 5000, 30000),
    ("停车抵扣券", 300, 1000),
    ("双十一返场", 2000, 15000),
    ("生日礼", 2800, 8800),
    ("老友回归", 1200, 6800),
];
