-- severity: stop
-- En hälsocentral ligger i ett område i taget, och ett HSA-id hör till en hälsocentral i taget
-- public: centre_code, other_centre_code, clinic_id, valid_from
with

centres as (
    select
        centre_code,
        clinic_id,
        valid_from,
        coalesce(valid_to, date '9999-12-31') as valid_to
    from core.health_centres
)

select
    earlier_centres.centre_code,
    later_centres.centre_code as other_centre_code,
    later_centres.clinic_id,
    later_centres.valid_from
from centres as earlier_centres
inner join centres as later_centres
    on
        (
            earlier_centres.centre_code = later_centres.centre_code
            or earlier_centres.clinic_id = later_centres.clinic_id
        )
        and earlier_centres.valid_to >= later_centres.valid_from
        and (
            earlier_centres.valid_from < later_centres.valid_from
            or (
                earlier_centres.valid_from = later_centres.valid_from
                and earlier_centres.centre_code < later_centres.centre_code
            )
        )
