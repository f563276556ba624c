-- severity: warn
-- Ekologiska inköp är högst alla inköp, och inget belopp är negativt
-- public: _delivery, _row, month, kitchen, total_sek, organic_sek, ethical_sek
select
    _delivery,
    _row,
    month,
    kitchen,
    total_sek,
    organic_sek,
    ethical_sek
from core.food_purchases
where organic_sek > total_sek or ethical_sek > total_sek or organic_sek < 0 or total_sek < 0
