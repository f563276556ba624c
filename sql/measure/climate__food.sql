-- One row per month and kitchen: purchases of food, and of them organic and ethically labelled.
select
    month,
    kitchen,
    organic_sek,
    ethical_sek,
    total_sek
from core.food_purchases
